import Wire

/// How a run is done again: commands that are made from what it recorded and from nothing else, and in words what it did not
/// record. Whatever others wrote stays one word of a command.
package struct Reproduction: Sendable, Hashable {
    /// What a model that the run logged needs to be loaded and, mostly, to be made.
    package struct Dependencies: Sendable, Hashable {
        package let model: String
        /// Where pip, or conda, fetches what it shall install.
        package let requirements: String?
        package let conda: String?
        /// The version that the model was made with.
        package let python: String?

        package init(model: String, requirements: String?, conda: String?, python: String?) {
            self.model = model
            self.requirements = requirements
            self.conda = conda
            self.python = python
        }
    }

    /// Lines for a shell.
    package let commands: String
    /// Sentences on what is not known.
    package let missing: [String]

    /// - Parameters:
    ///   - dependencies: of its models; those without any are left out.
    ///   - origin: the address of this server.
    package init(of run: Run, dependencies: [Dependencies], origin: String) {
        var maker = Maker(run: run, source: RunSource(run), dependencies: dependencies, origin: origin)
        maker.make()
        commands = maker.parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        missing = maker.missing
    }

    private struct Maker {
        let run: Run
        let source: RunSource
        let dependencies: [Dependencies]
        let origin: String
        var parts: [[String]] = []
        var missing: [String] = []

        mutating func make() {
            // MLflow fetches such a project and makes its environment by itself.
            let address = source.name.flatMap { $0.split(separator: "#").first.map(String.init) } ?? ""
            let isFetchedByMLflow = source.kind == .project && RunSource.isFetched(address)
            if !isFetchedByMLflow {
                code()
                if source.kind != .project { environment() }
            } else if source.exactCommit == nil {
                missing.append("Which commit of the project it was, was not recorded.")
            }
            data()
            start(isFetchedByMLflow: isFetchedByMLflow)
        }

        // MARK: Its code

        private mutating func code() {
            let commit = source.exactCommit
            if let text = source.commit, commit == nil {
                missing.append("The commit that was recorded, “\(text.prefix(80))”, is none that Git could find.")
            }
            guard let repository = source.repository else {
                if let commit {
                    parts.append(["# Its code, where you have it", "git checkout \(commit)"])
                    missing.append("Where its code is kept was not recorded (mlflow.source.git.repoURL).")
                } else if source.commit == nil {
                    missing.append(
                        "Its code was not recorded: MLflow does it by itself for what is started in a Git repository.")
                }
                return
            }
            guard RunSource.isFetched(repository) else {
                missing.append(
                    "Its code is said to be at “\(repository.prefix(200))”, from where Git does not fetch over a network."
                )
                if let commit { parts.append(["# Its code, where you have it", "git checkout \(commit)"]) }
                return
            }
            let folder = Self.folder(of: repository)
            var lines = ["# Its code", "git clone \(ShellWord.quoted(repository)) \(folder)", "cd \(folder)"]
            if let commit {
                lines.append("git checkout \(commit)")
            } else if source.commit == nil {
                missing.append("Which commit it was, was not recorded.")
            }
            parts.append(lines)
        }

        /// As Git would call it, where that is a plain name.
        private static func folder(of repository: String) -> String {
            let last = repository.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? ""
            let name = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
            return name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) == nil ? "source" : name
        }

        // MARK: What it needs

        private mutating func environment() {
            let pip = dependencies.compactMap(\.requirements)
            let installed = dependencies.first { $0.requirements != nil } ?? dependencies.first { $0.conda != nil }
            let python = installed?.python.flatMap { $0.wholeMatch(of: /[0-9][0-9A-Za-z.+]{0,19}/) == nil ? nil : $0 }
            let heading = "# What it needs\(python.map { ", on Python \($0)" } ?? "")"
            if !pip.isEmpty {
                parts.append([
                    heading, "python -m venv .venv && . .venv/bin/activate",
                    "pip install \(pip.map { "-r \(ShellWord.quoted($0))" }.joined(separator: " "))",
                ])
            } else if let conda = dependencies.lazy.compactMap(\.conda).first {
                parts.append([
                    heading, "curl -fsS -o conda.yaml \(ShellWord.quoted(conda))",
                    "conda env create -n run -f conda.yaml && conda activate run",
                ])
            } else {
                missing.append(
                    "What it needs was not recorded: no model of it has a requirements.txt or a conda.yaml.")
            }
        }

        // MARK: Its data

        private static let listed = 50

        private mutating func data() {
            guard !run.datasetInputs.isEmpty else {
                missing.append("What data it used was not recorded (mlflow.log_input).")
                return
            }
            let lines = run.datasetInputs.prefix(Self.listed).map { input -> String in
                let use = input.context.map { ", for \($0)" } ?? ""
                let place = input.dataset.place.map { ": \($0)" } ?? ""
                return "\(input.dataset.name), digest \(input.dataset.digest)\(use)\(place)"
            }
            parts.append(["# Its data"] + ShellWord.listing(lines))
        }

        // MARK: How it is started

        private mutating func start(isFetchedByMLflow: Bool) {
            guard let name = source.name else {
                missing.append("How it was started was not recorded (mlflow.source.name).")
                params("# It was given")
                return
            }
            if source.kind == .project { return project(name, isFetchedByMLflow: isFetchedByMLflow) }
            let isSession = ["ipykernel_launcher.py", "colab_kernel_launcher.py"].contains { name.hasSuffix($0) }
            guard source.kind != .notebook, !isSession, name.hasSuffix(".py") else {
                missing.append(
                    isSession
                        ? "It was made in an interactive session, of which no code was recorded."
                        : "It was made by “\(name.prefix(200))”; how that was started was not recorded.")
                params("# It was given")
                return
            }
            // A path that begins with a sign would be taken for an option.
            let script = name.hasPrefix("-") ? "./" + name : name
            parts.append([
                "export MLFLOW_TRACKING_URI=\(ShellWord.quoted(origin)) MLFLOW_EXPERIMENT_ID=\(run.info.experimentID.text)",
                "python \(ShellWord.quoted(script))",
            ])
            if name.hasPrefix("/") { missing.append("The path of the script is that of the machine on which it ran.") }
            params("# It was given these params. How it takes them was not recorded")
        }

        private mutating func project(_ name: String, isFetchedByMLflow: Bool) {
            let isCloned = !isFetchedByMLflow && source.repository.map(RunSource.isFetched) == true
            let place = isCloned ? "." : name.hasPrefix("-") ? "./" + name : name
            var words = ["mlflow run \(ShellWord.quoted(place))"]
            if isFetchedByMLflow, let commit = source.exactCommit { words.append("-v \(commit)") }
            if let entry = source.entryPoint { words.append("-e \(ShellWord.quoted(entry))") }
            words.append("--experiment-id \(run.info.experimentID.text)")
            words += run.params.map { "-P \(ShellWord.quoted("\($0.key)=\($0.value)"))" }
            parts.append([
                "export MLFLOW_TRACKING_URI=\(ShellWord.quoted(origin))", words.joined(separator: " \\\n  "),
            ])
        }

        private mutating func params(_ heading: String) {
            guard !run.params.isEmpty else { return }
            let lines = run.params.prefix(Self.listed).map { "\($0.key)=\($0.value)" }
            let rest = run.params.count - lines.count
            parts.append([heading] + ShellWord.listing(lines + (rest > 0 ? ["and \(rest) more"] : [])))
        }
    }
}

extension Dataset {
    /// The address or path in its source, which clients write as JSON; nil when there is none.
    package var place: String? {
        guard let json = try? JSON.parse(source) else { return source.isEmpty ? nil : source }
        return ["uri", "url", "path"].lazy.compactMap { json[$0]?.stringValue }.first { !$0.isEmpty }
    }
}
