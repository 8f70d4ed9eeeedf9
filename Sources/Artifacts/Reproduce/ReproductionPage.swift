package import Tracking
package import Web
import Wire

/// Where the code of a run came from, what it needs, and how it is done again: a part of the run's page.
package struct ReproductionPage: Sendable {
    private let dependencies: RunDependencies

    package init(store: ArtifactStore, models: LoggedModelStore) {
        dependencies = RunDependencies(store: store, models: models)
    }

    package var part: RunPart {
        RunPart { run, call, _ in
            let facts = Self.facts(RunSource(run))
            let (needs, again) = try await parts(of: run, call)
            return """
                <h2 id="reproduce">Source and dependencies</h2>
                <div class="columns">
                <div>\(facts)\(needs)</div>
                <div>\(again)</div>
                </div>
                """
        }
    }

    /// What its models need, and how it is done again.
    private func parts(of run: Run, _ call: Call) async throws -> (needs: HTML?, again: HTML) {
        do {
            let sources = try await dependencies.sources(of: run)
            let again = Reproduction(
                of: run, dependencies: sources.map { $0.reproduction(on: call.origin) }, origin: call.origin)
            return (Self.table(sources), Self.block(again))
        } catch let problem as any Problem {
            // The page is about more than this; without it, commands would leave out what was recorded.
            let words = "What its models need cannot be read now, nor how it is done again be said"
            return (nil, .notice(.warning, "<p>\(words): \(problem.message)</p>"))
        }
    }

    private static func facts(_ source: RunSource) -> HTML {
        let address = source.repository.map { address -> HTML in
            // Others than these would be followed with more than a look.
            address.hasPrefix("https://") || address.hasPrefix("http://")
                ? .link(address, to: address) : "<code>\(HTML.name(address))</code>"
        }
        let facts: KeyValuePairs<String, HTML?> = [
            "Made by": source.kind.map { "\(words($0))" },
            "Source": source.name.map { "<code>\(HTML.name($0))</code>" },
            "Entry point": source.entryPoint.map { "<code>\(HTML.name($0))</code>" }, "Repository": address,
            "Branch": source.branch.map { "<code>\(HTML.name($0))</code>" },
            "Commit": source.commit.map { .shortID($0, length: 12) },
        ]
        guard facts.contains(where: { $0.value != nil }) else {
            return "<p class=\"quiet\">No source was recorded.</p>"
        }
        return .facts(facts)
    }

    private static func words(_ kind: RunSource.Kind) -> String {
        switch kind {
        case .notebook: "a notebook"
        case .job: "a job"
        case .project: "an MLflow project"
        case .local: "a script"
        }
    }

    private static func table(_ sources: [RunDependencies.Source]) -> HTML? {
        let rows = sources.flatMap { source in
            source.files.map { file -> [HTML] in
                let says =
                    [
                        file.packages.map { "\(Quantity.count($0)) package\($0 == 1 ? "" : "s")" },
                        file.python.map { "Python \($0)" },
                    ].compactMap(\.self).joined(separator: ", ")
                return [
                    .link(file.name, to: "\(source.page)?path=\(file.path.queryEscaped)"), .name(source.name),
                    "\(says.isEmpty ? "–" : says)",
                ]
            }
        }
        return rows.isEmpty ? nil : .table(["needs", "of", "says"], named: "Dependencies", rows: rows)
    }

    private static func block(_ again: Reproduction) -> HTML {
        let missing = again.missing.map { "<li>\(HTML.name($0, limit: 400))</li>" as HTML }
        let commands: HTML? = again.commands.isEmpty ? nil : HTML.code(again.commands)
        let rest: HTML? =
            missing.isEmpty ? nil : "<p class=\"quiet\">What it did not record:</p><ul class=\"quiet\">\(missing)</ul>"
        return "<h3>Reproduce this</h3>\(commands)\(rest)"
    }
}

extension RunDependencies.Source {
    /// With addresses that are fetched from elsewhere.
    fileprivate func reproduction(on origin: String) -> Reproduction.Dependencies {
        func address(_ name: String) -> String? {
            files.first { $0.name == name }.map { origin + download + $0.path.queryEscaped }
        }
        return Reproduction.Dependencies(
            model: name, requirements: address(RunDependencies.requirements), conda: address(RunDependencies.conda),
            python: files.lazy.compactMap(\.python).first)
    }
}
