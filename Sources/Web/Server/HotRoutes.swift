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

    private let routes: [(route: Route, components: [Substring])]

    init(_ routes: Routes) {
        self.routes = routes.all.filter(\.isHot).map { ($0, Self.components(of: $0.path[...])) }
    }

    /// The route for a request; nil for all that goes through the framework: other routes, connections that end with the
    /// answer, bodies of unknown length or large ones.
    func match(_ head: HTTPRequestHead, path: Substring) -> Match? {
        guard head.method == .POST, head.isKeepAlive, path.utf8.first == UInt8(ascii: "/"),
            let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            length <= Self.maximumBodyBytes
        else { return nil }
        let components = Self.components(of: path)
        for (route, pattern) in routes where pattern.count == components.count {
            if let parameters = Self.parameters(of: components, pattern) {
                return Match(route: route, parameters: parameters)
            }
        }
        return nil
    }

    private static func components(of path: Substring) -> [Substring] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
    }

    private static func parameters(of components: [Substring], _ pattern: [Substring]) -> Parameters? {
        var parameters = Parameters()
        for (component, wanted) in zip(components, pattern) {
            if wanted.utf8.first == UInt8(ascii: "{") {
                guard !component.isEmpty else { return nil }
                parameters[wanted.dropFirst().dropLast()] = component
            } else if component != wanted {
                return nil
            }
        }
        return parameters
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
