package import Wire

/// The form in which the clients of a protocol expect errors, whoever finds them: a route, or what stands before it.
struct ErrorForm: Sendable {
    /// A path; the form is that of everything under it.
    let root: String
    let body: @Sendable (any Problem) -> JSON

    func holds(for path: String) -> Bool {
        guard path.hasPrefix(root) else { return false }
        let rest = path.utf8.dropFirst(root.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}

extension Routes {
    /// Lets errors under `root` have the form of their protocol instead of MLflow's.
    package mutating func errors(under root: String, _ body: @escaping @Sendable (any Problem) -> JSON) {
        errorForms.append(ErrorForm(root: root, body: body))
    }
}
