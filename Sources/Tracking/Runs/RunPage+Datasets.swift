package import Web

// What data a run used, with the way to the others that used it.

extension RunPage {
    static func datasets(_ run: Run) -> HTML? {
        guard !run.datasetInputs.isEmpty else { return nil }
        let rows = run.datasetInputs.map { input -> [HTML] in
            let name = HTML.name(input.dataset.name)
            let runs = input.dataset.path(in: run.info.experimentID)
            return [
                runs.map { "<a href=\"\($0)\" title=\"Runs that used it\">\(name)</a>" } ?? name,
                .name(input.context ?? "–"), "<code>\(HTML.name(input.dataset.digest))</code>",
                "\(HTML.name(input.dataset.sourceType))", .name(input.dataset.place ?? "–"),
            ]
        }
        let columns: [HTML.Column] = ["name", "used for", "digest", "kind", "where"]
        return "<h2>Datasets</h2>\(HTML.table(columns, named: "Datasets", rows: rows))"
    }
}

extension Dataset {
    /// The table of the runs of an experiment that used it; nil when the language of filters has no words for its digest.
    package func path(in experiment: ExperimentID) -> String? {
        let quotes = ["'", "\""].first { !digest.contains($0) && !digest.isEmpty }
        guard let quote = quotes else { return nil }
        let filter = "dataset.digest = \(quote)\(digest)\(quote)"
        return "/experiments/\(experiment.text)?filter=\(filter.queryEscaped)"
    }
}
