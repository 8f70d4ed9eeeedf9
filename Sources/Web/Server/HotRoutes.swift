import HTTPTypes
import Hummingbird
import NIOHTTP1

/// The routes that are answered before the framework, found by their path.
struct HotRoutes: Sendable {
    /// A route that a path matches, and what its names stand for.
    struct Match: Sendable {
        let route: Route
        let parameters: Parameters
    }

    /// Bodies up to this size, in bytes, are read whole and taken apart on the event loop.
    static let maximumBodyBytes = 64 << 10

    /// A route's path, taken apart.
    private struct Pattern {
        let route: Route
        let components: [Component]

        enum Component {
            case literal([UInt8])
            /// Stands for whatever the request has there.
            case name(Substring)
        }
    }

    private let patterns: [Pattern]

    init(_ routes: Routes) {
        patterns = routes.all.filter(\.isHot).map { route in
            let components = route.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            return Pattern(
                route: route,
                components: components.map { component in
                    component.first == "{" ? .name(component.dropFirst().dropLast()) : .literal(Array(component.utf8))
                })
        }
    }

    /// The route for a request; nil for all that goes through the framework: other routes, connections that end with the
    /// answer, bodies of unknown length or large ones.
    func match(_ head: HTTPRequestHead, path: Substring) -> Match? {
        guard head.method == .POST, head.isKeepAlive, path.utf8.first == UInt8(ascii: "/"),
            let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            length <= Self.maximumBodyBytes
        else { return nil }
        for pattern in patterns {
            if let parameters = Self.parameters(of: path, pattern.components) {
                return Match(route: pattern.route, parameters: parameters)
            }
        }
        return nil
    }

    /// What the names of a pattern stand for in a path; nil when the path is another.
    private static func parameters(of path: Substring, _ pattern: [Pattern.Component]) -> Parameters? {
        var parameters = Parameters()
        var rest = path.utf8
        for component in pattern {
            guard rest.popFirst() == UInt8(ascii: "/") else { return nil }
            switch component {
            case .literal(let bytes):
                guard rest.starts(with: bytes) else { return nil }
                rest = rest.dropFirst(bytes.count)
            case .name(let name):
                let value = rest.prefix { $0 != UInt8(ascii: "/") }
                guard !value.isEmpty else { return nil }
                parameters[name] = Substring(value)
                rest = rest[value.endIndex...]
            }
        }
        return rest.isEmpty ? parameters : nil
    }
}

extension HTTPRequest {
    /// The head as the framework has it: the host apart from the headers.
    init(_ head: HTTPRequestHead) {
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        var authority: String?
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            if name == .host { authority = value } else { fields.append(HTTPField(name: name, value: value)) }
        }
        self.init(
            method: .post, scheme: "http", authority: authority, path: head.uri, headerFields: fields)
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host")
}
