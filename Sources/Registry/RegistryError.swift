package import Wire

/// What is wrong with a question or a change to registered models.
package struct RegistryError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func unknownModel(_ name: String) -> RegistryError {
        RegistryError(
            .doesNotExist, "Registered Model with name=\(name) not found.", hint: "'martlet models list' shows them.")
    }

    static func unknownVersion(_ version: Int64, of name: String) -> RegistryError {
        RegistryError(
            .doesNotExist, "Model Version (name=\(name), version=\(version)) not found.",
            hint: "'martlet models get \(name)' shows its versions.")
    }

    /// 400, not 404: MLflow's client tells an unknown alias from an unknown model by it.
    static func unknownAlias(_ alias: String) -> RegistryError {
        RegistryError(.invalidParameterValue, "Registered model alias \(alias) not found.")
    }

    static func notDeleted(_ kind: String, _ id: String) -> RegistryError {
        RegistryError(
            .doesNotExist, "There is no \(kind) '\(id)' in the trash.", hint: "'martlet trash list' shows what is.")
    }

    static func takenName(_ name: String) -> RegistryError {
        RegistryError(.alreadyExists, "Registered Model (name=\(name)) already exists.", hint: "Choose another name.")
    }
}
