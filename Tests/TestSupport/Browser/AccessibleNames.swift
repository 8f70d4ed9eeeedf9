import Wire

/// A control, a link or a scrolling frame as assistive technology is told of it.
package struct Control: Sendable, Hashable, CustomStringConvertible {
    package let role: String
    package let name: String
    /// The opening tag of a nameless one, such as `<div class="table" tabindex="0">`; empty of others.
    package let tag: String

    /// Whether it can be told what it is and what it is for.
    package var isNamed: Bool { !name.isEmpty && !["", "generic", "none"].contains(role) }

    package var description: String { "\(role) '\(name)' \(tag)" }
}

extension Browser {
    /// Everything on the page that takes the focus, with role and name. They are those of the protocol's `computedrole` and
    /// `computedlabel`, read off the same tree in one go: a page may have hundreds.
    package func controls() async throws -> [Control] {
        let tree = try await devTools("Accessibility.getFullAXTree")["nodes"]?.arrayValue ?? []
        var controls: [Control] = []
        for node in tree where Self.takesFocus(node) {
            let role = node["role"]?["value"]?.stringValue ?? ""
            let name = node["name"]?["value"]?.stringValue ?? ""
            let known = Control(role: role, name: name.trimmingPrefix(while: \.isWhitespace).description, tag: "")
            controls.append(
                known.isNamed ? known : Control(role: role, name: known.name, tag: try await openingTag(of: node)))
        }
        return controls
    }

    private static func takesFocus(_ node: JSON) -> Bool {
        guard node["ignored"] != true, node["role"]?["value"] != "RootWebArea" else { return false }
        return (node["properties"]?.arrayValue ?? []).contains {
            $0["name"] == "focusable" && $0["value"]?["value"] == true
        }
    }

    private func openingTag(of node: JSON) async throws -> String {
        guard let id = node["backendDOMNodeId"] else { return "" }
        let element = try await devTools("DOM.describeNode", ["backendNodeId": id])["node"]
        let words = element?["attributes"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let attributes = stride(from: 0, to: words.count - 1, by: 2).map { " \(words[$0])=\"\(words[$0 + 1])\"" }
        return "<\(element?["localName"]?.stringValue ?? "?")\(attributes.joined())>"
    }
}
