package import Artifacts
import Blobs
package import Jobs
import NIOPosix
package import Registry
package import Runtimes
package import Tables
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Scores the batches that the server owes. Parts are kept in a folder of this server: after a restart the work goes on, and
/// when another server takes it over it begins anew.
package struct ServerScoring: Sendable {
    private let store: ScoringJobStore
    private let places: ScoringPlaces
    private let versions: ModelVersionStore
    private let artifacts: ArtifactStore
    private let runtimes: ModelRuntimes
    private let tables: TableEngine
    private let folder: String
    private let concurrency: Int

    /// A batch that fails for want of something that may come back is tried so often.
    private static let maximumAttempts = 5
    /// How often progress is written down.
    private static let reporting = Duration.milliseconds(500)

    /// Whoever asked for the batch does not want it any more.
    private struct Unwanted: Error {}

    /// - Parameters:
    ///   - folder: where parts are kept; made when it is needed.
    ///   - concurrency: how many threads a batch keeps busy.
    package init(
        store: ScoringJobStore, places: ScoringPlaces, versions: ModelVersionStore, artifacts: ArtifactStore,
        runtimes: ModelRuntimes, tables: TableEngine, folder: String, concurrency: Int
    ) {
        self.store = store
        self.places = places
        self.versions = versions
        self.artifacts = artifacts
        self.runtimes = runtimes
        self.tables = tables
        self.folder = folder
        self.concurrency = concurrency
    }

    /// What the job worker needs.
    package var handler: JobHandler {
        JobHandler(kind: ScoringJobStore.jobKind, maximumAttempts: Self.maximumAttempts) { [self] job in
            try await run(job)
        }
    }

    private func run(_ job: Job) async throws -> JSON {
        let id = try Fields(job.payload).string("batch_id")
        guard let batch = try await store.begin(id) else {
            await clear(id)
            return ["skipped": true]
        }
        do {
            let summary = try await score(batch)
            try await store.finish(id, summary)
            await clear(id)
            return summary.json
        } catch is Unwanted {
            await clear(id)
            return ["canceled": true]
        } catch let problem as any Problem {
            // What may come back is waited for, as long as there are attempts left.
            if problem.code.status >= 500, job.attempts < Self.maximumAttempts { throw problem }
            try await store.fail(id, because: problem)
            await clear(id)
            return ["failed": .string(problem.message)]
        }
    }

    private func place(_ id: String) -> String { "\(folder)/\(id)" }

    /// Takes the parts away, also while the server ends.
    private func clear(_ id: String) async {
        await withCheckedContinuation { continuation in
            NIOThreadPool.singleton.submit { _ in
                try? FileManager.default.removeItem(atPath: place(id))
                continuation.resume()
            }
        }
    }

    private func score(_ batch: ScoringJob) async throws -> ScoringSummary {
        let request = batch.request
        let version = try await version(of: batch)
        let model = try await artifacts.localFolder(ofURI: version.storageURI)
        let input = try await places.input(request)
        let order = try order(request, input: input, in: place(batch.id))
        let work = try await NIOThreadPool.singleton.runIfActive { [order] in
            try FileManager.default.createDirectory(atPath: place(batch.id), withIntermediateDirectories: true)
            let revision = input.content.info.revision
            return try WorkFolder(
                path: order.output.path + ".parts", for: ["batch": .string(batch.id), "input": .string(revision)],
                restarts: false)
        }
        let runtime = try await runtimes.load(path: model.path)
        let scorer = RuntimeScorer(runtime, parameters: request.parameters, concurrency: concurrency)
        do {
            let summary = try await score(order, scorer, work, id: batch.id)
            await scorer.close()
            try await deliver(order, request, summary)
            withExtendedLifetime((model, input)) {}
            return summary
        } catch {
            await scorer.close()
            throw error
        }
    }

    /// The version that the batch began with.
    private func version(of batch: ScoringJob) async throws -> ModelVersion {
        let version = try await versions.resolve(ModelReference(batch.version ?? batch.request.model))
        if batch.version == nil {
            let pinned = ModelReference.version(name: version.name, version.version)
            try await store.pin(batch.id, to: pinned.uri)
        }
        return version
    }

    private func order(_ request: ScoringRequest, input: SparseFile, in folder: String) throws -> ScoringOrder {
        var order = ScoringOrder(
            input: TableFile(
                path: input.path, format: request.inputFormat,
                isCompressed: request.inputFormat.isCompressed(path: request.input)),
            output: TableFile(
                path: "\(folder)/output", format: request.outputFormat,
                isCompressed: request.outputFormat.isCompressed(path: request.output)),
            failedPath: "\(folder)/failed")
        order.keep = request.keep
        order.batchRows = request.batchRows
        order.failureLimit = try request.failureLimit.map(FailureLimit.init)
        order.replacesOutput = true
        return order
    }

    private func score(
        _ order: ScoringOrder, _ scorer: RuntimeScorer, _ work: WorkFolder, id: String
    ) async throws -> ScoringSummary {
        let pace = Pace(Self.reporting)
        let run = ScoringRun(order, by: scorer, tables: tables, in: work) { [store] progress in
            guard pace.isDue() else { return }
            guard try await store.record(progress, of: id) else { throw Unwanted() }
        }
        return try await run.run()
    }

    /// The rows that failed first: an output is there when the batch is whole.
    private func deliver(_ order: ScoringOrder, _ request: ScoringRequest, _ summary: ScoringSummary) async throws {
        if summary.failed > 0 { try await places.store(order.failedPath, at: request.failedOutput) }
        try await places.store(order.output.path, at: request.output)
    }
}
