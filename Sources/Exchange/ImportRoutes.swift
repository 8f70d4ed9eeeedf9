package import Registry
package import Traces
package import Tracking
package import Trash
package import Web
package import Webhooks
import Wire

/// Takes records of other tracking servers, ids and times as they are. Each request is one transaction, and sending it
/// again changes nothing.
package struct ImportRoutes: Sendable {
    private let experiments: ExperimentStore
    private let runs: RunStore
    private let loggedModels: LoggedModelStore
    private let models: RegisteredModelStore
    private let versions: ModelVersionStore
    private let traces: TraceStore
    private let evaluationDatasets: EvaluationDatasetStore
    private let webhooks: WebhookStore
    private let trash: TrashStore

    private static let maximumRecords = 1000

    package init(
        experiments: ExperimentStore, runs: RunStore, loggedModels: LoggedModelStore, models: RegisteredModelStore,
        versions: ModelVersionStore, traces: TraceStore, evaluationDatasets: EvaluationDatasetStore,
        webhooks: WebhookStore, trash: TrashStore
    ) {
        self.experiments = experiments
        self.runs = runs
        self.loggedModels = loggedModels
        self.models = models
        self.versions = versions
        self.traces = traces
        self.evaluationDatasets = evaluationDatasets
        self.webhooks = webhooks
        self.trash = trash
    }

    package func routes(into routes: inout Routes) {
        for kind in RecordKind.allCases {
            routes.post("/api/v1/import/\(kind.rawValue)", .manage("import")) { call in
                try await store(kind, call)
            }
        }
    }

    /// `records`, up to 1000; answers with an outcome each, in the same order.
    private func store(_ kind: RecordKind, _ call: Call) async throws -> Reply {
        let records = try await call.fields().objects("records")
        guard records.count <= Self.maximumRecords else {
            throw FieldProblem("A request takes at most \(Self.maximumRecords) records, not \(records.count).")
        }
        // A purge that was interrupted finds what it has to remove by ids that must not be given again before.
        try await trash.finishPurges()
        let outcomes = try await adopt(kind, records, by: call.principal.name)
        return .json(["outcomes": .array(outcomes.map(\.json))])
    }

    private func adopt(_ kind: RecordKind, _ records: [Fields], by actor: String) async throws -> [ImportOutcome] {
        switch kind {
        case .experiments: try await experiments.adopt(try records.map { try $0.experiment() }, by: actor)
        case .runs: try await runs.adopt(try records.map { try $0.importedRun() }, by: actor)
        case .metrics: try await runs.adopt(try records.map { try $0.importedPoints() })
        case .loggedModels:
            try await loggedModels.adopt(try records.map { try $0.importedLoggedModel() }, by: actor)
        case .traces: try await traces.adopt(try records.map { try $0.importedTrace() }, by: actor)
        case .spans: try await traces.adopt(try records.map { try $0.importedSpans() })
        case .traceLinks: try await traces.adopt(try records.map { try $0.importedTraceLinks() })
        case .models: try await models.adopt(try records.map { try $0.importedModel() }, by: actor)
        case .versions: try await versions.adopt(try records.map { try $0.importedVersion() }, by: actor)
        case .evaluationDatasets:
            try await evaluationDatasets.adopt(try records.map { try $0.importedEvaluationDataset() }, by: actor)
        case .evaluationRecords:
            try await evaluationDatasets.adopt(try records.map { try $0.importedEvaluationRecord() })
        case .webhooks: try await webhooks.adopt(try records.map { try $0.importedWebhook() }, by: actor)
        }
    }
}
