/// Where the code of a run came from, as its client recorded it in tags that begin with `mlflow.`.
package struct RunSource: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case notebook = "NOTEBOOK"
        case job = "JOB"
        case project = "PROJECT"
        case local = "LOCAL"
    }

    /// Nil when nobody said, or said something that has no name here.
    package let kind: Kind?
    /// Of a script its path, of a project its address, without the name and the password that clients record with it.
    package let name: String?
    package let entryPoint: String?
    /// Without these, too.
    package let repository: String?
    package let branch: String?
    package let commit: String?

    package init(_ run: Run) {
        func tag(_ keys: String...) -> String? {
            keys.lazy.compactMap { run.tag($0) }.first { !$0.isEmpty }
        }
        kind = tag("mlflow.source.type").flatMap(Kind.init)
        name = tag("mlflow.source.name").map(Self.withoutCredentials)
        entryPoint = tag("mlflow.project.entryPoint")
        repository = tag("mlflow.source.git.repoURL", "mlflow.gitRepoURL").map(Self.withoutCredentials)
        branch = tag("mlflow.source.git.branch", "mlflow.gitBranchName")
        commit = tag("mlflow.source.git.commit")
    }

    private static func withoutCredentials(_ address: String) -> String {
        address.replacing(/^(https?:\/\/)[^\/?#]*@/.ignoresCase()) { "\($0.1)" }
    }

    /// The name of a commit that Git would not take for an option, a branch or a file; nil for any other text.
    var exactCommit: String? {
        commit.flatMap { $0.wholeMatch(of: /[0-9a-fA-F]{7,64}/) == nil ? nil : $0 }
    }

    /// An address from which Git fetches over a network; nil for any other text. Git runs programs for some others.
    static func isFetched(_ address: String) -> Bool {
        let url = /(?:https?|ssh|git):\/\/(?:[A-Za-z0-9][^@\/\s]*@)?[A-Za-z0-9\[][^\s]*/
        let host = /(?:[A-Za-z0-9][A-Za-z0-9._-]*@)[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:][^\s]*/
        return address.wholeMatch(of: url) != nil || address.wholeMatch(of: host) != nil
    }
}
