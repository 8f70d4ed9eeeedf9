/// For whom a model answers: what people know it by, wherever something is said of its processes.
package struct ModelRole: Sendable, Hashable {
    /// The version of a registered model, such as `churn/3`.
    package let version: String
    package let endpoint: String

    package init(version: String, endpoint: String) {
        self.version = version
        self.endpoint = endpoint
    }

    package var words: String { "model \(version) of endpoint '\(endpoint)'" }
}
