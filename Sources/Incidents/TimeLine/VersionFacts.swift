package import Wire

/// What is known of how a model version came about: what may have changed from one version to the next.
package struct VersionFacts: Sendable, Hashable {
    package let runID: String?
    /// Of the code that trained it.
    package let commit: String?
    /// The script or notebook.
    package let source: String?
    package let user: String?
    /// Versions by package, as `requirements.txt` or `conda.yaml` of the model say.
    package let dependencies: [String: String]
    /// The digests of the datasets that the run used, by context.
    package let data: [String: String]
    package let params: [String: String]

    package init(
        runID: String? = nil, commit: String? = nil, source: String? = nil, user: String? = nil,
        dependencies: [String: String] = [:], data: [String: String] = [:], params: [String: String] = [:]
    ) {
        self.runID = runID
        self.commit = commit
        self.source = source
        self.user = user
        self.dependencies = dependencies
        self.data = data
        self.params = params
    }

    /// What is different from a former version, as lines: the code first, then what it leans on, the data, the parameters.
    package func differences(from former: VersionFacts) -> [String] {
        var lines: [String] = []
        if commit != former.commit {
            lines.append("code: commit \(Self.short(former.commit)) → \(Self.short(commit))")
        }
        if source != former.source { lines.append("script: \(former.source ?? "?") → \(source ?? "?")") }
        lines += Self.differences(former.dependencies, dependencies).map { "dependency: \($0)" }
        lines += Self.differences(former.data, data).map { "data: \($0)" }
        lines += Self.differences(former.params, params).map { "parameter: \($0)" }
        if user != former.user { lines.append("trained by: \(former.user ?? "?") → \(user ?? "?")") }
        return lines
    }

    private static func short(_ commit: String?) -> String { commit.map { String($0.prefix(10)) } ?? "unknown" }

    private static func differences(_ former: [String: String], _ latter: [String: String]) -> [String] {
        Set(former.keys).union(latter.keys).sorted().compactMap { name in
            switch (former[name], latter[name]) {
            case (let old?, let new?): old == new ? nil : "\(name) \(old) → \(new)"
            case (nil, let new?): "\(name) \(new) added"
            case (let old?, nil): "\(name) \(old) removed"
            case (nil, nil): nil
            }
        }
    }
}

extension VersionFacts {
    /// The packages of a `requirements.txt`, or of the pip part of a `conda.yaml`: what stands before and behind the first
    /// `=`, `<`, `>`, `~` or `!` of a line. Lines that name no package (options, addresses, comments) are passed over.
    package static func dependencies(in text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            var entry = line.prefix { $0 != "#" && $0 != ";" }.drop { $0 == " " || $0 == "-" }
            while entry.last == " " { entry.removeLast() }
            let name = entry.prefix { $0.isLetter || $0.isNumber || "._-[]".contains($0) }
            let version = entry.dropFirst(name.count).drop { $0 == " " }
            guard let first = name.first, first.isLetter, let sign = version.first, "=<>~!".contains(sign) else {
                continue
            }
            let exact = version.drop { $0 == "=" || $0 == " " }
            found[name.lowercased()] = String(sign == "=" ? exact : version)
        }
        return found
    }
}
