import Artifacts
import Blobs
import Database
import Events
import Registry
import Traces
import Tracking
import Wire

// Purging, in portions that end in reasonable time, and in steps that a crash may come between: in one transaction the
// thing is taken from sight, noted in `purges` and told as an event; then its rows go in portions, then its files, and at
// last the note.

extension TrashStore {
    /// How many things one portion looks at, and about how many rows it removes.
    private static let portion = (items: 100, rows: 50_000)

    /// Purges a portion of what is ordered, after finishing what an earlier purge left behind.
    /// - Throws: `TrashError` 409 when one thing is named that something else uses, and 404 when it is not in the trash.
    package func purge(_ order: PurgeOrder, by actor: String) async throws -> PurgeReport {
        var report = PurgeReport()
        var rows = Self.portion.rows
        if !order.isDryRun { rows = try await finish(within: rows, &report) }
        var offset = order.offset
        let candidates = try await candidates(order)
        for item in candidates.elements {
            guard rows > 0 else { break }
            let users = order.isForced ? [] : try await users(of: item)
            if !users.isEmpty {
                guard order.id == nil else { throw Self.refusal(item, users) }
                report.refused.append(PurgeReport.Refusal(item: item, users: users))
                offset += 1
            } else if order.isDryRun {
                report.purged.append(item)
                offset += 1
            } else {
                try await take(item, isForced: order.isForced, by: actor)
                report.purged.append(item)
                rows = try await finish(within: rows, &report)
            }
        }
        let seen = report.purged.count + report.refused.count
        let isMore = candidates.next != nil || seen < candidates.elements.count
        let isUnfinished = try await order.isDryRun ? false : unfinishedPurges() > 0
        if isMore || isUnfinished { report.next = order.id == nil ? offset : 1 }
        return report
    }

    private func candidates(_ order: PurgeOrder) async throws -> Page<DeletedItem> {
        try await database.read { reader in
            if let kind = order.kind, let id = order.id {
                // Taken by the first portion; the later ones only finish it.
                guard order.offset == 0 else { return Page(elements: [], next: nil) }
                return Page(elements: [try Self.item(kind, id, in: reader)], next: nil)
            }
            let moment = order.deletedBy ?? Timestamp(milliseconds: .max)
            let items = try reader.rows(
                """
                \(Self.items(order.kind)) WHERE deleted_at <= \(moment) ORDER BY rank, deleted_at, id
                LIMIT \(Self.portion.items + 1) OFFSET \(order.offset)
                """, as: DeletedItem.self)
            return Page(rows: items, limit: Self.portion.items, offset: order.offset)
        }
    }

    /// Goes on with what an interrupted purge left behind, for as long as one portion takes.
    func finishSome() async throws {
        var report = PurgeReport()
        _ = try await finish(within: Self.portion.rows, &report)
    }

    /// Finishes what an interrupted purge left behind, so that no id that it removes by is given to something new.
    package func finishPurges() async throws {
        var report = PurgeReport()
        _ = try await finish(within: .max, &report)
    }

    private func users(of item: DeletedItem) async throws -> [String] {
        let versions = try await database.read { try ModelVersionStore.users(of: item, in: $0) }
        return try await versions + witness.users(item)
    }

    private static func refusal(_ item: DeletedItem, _ users: [String]) -> TrashError {
        TrashError(
            .conflict, "The \(item.label) is still used by \(users.joined(separator: " and ")); nothing was purged.",
            hint: "Delete and purge that first, or use --force.")
    }

    /// Takes a thing from sight: from here on its purge is only to be finished.
    private func take(_ item: DeletedItem, isForced: Bool, by actor: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            if !isForced {
                // Registered since it was asked.
                let users = try ModelVersionStore.users(of: item, in: transaction)
                guard users.isEmpty else { throw Self.refusal(item, users) }
            }
            let subject: String
            switch item.kind {
            case .version:
                try ModelVersionStore.forget(item.id, in: transaction)
                subject = "models/\(item.id)"
            case .model:
                let model = try RegisteredModelStore.forget(item.id, in: transaction)
                try Self.note(.model, String(model.key), at: now, in: transaction)
                subject = "models/\(model.name)"
            case .loggedModel:
                let place = try LoggedModelStore.forget(item.id, in: transaction)
                try Self.note(.loggedModel, place.id, files: place.artifactURI, at: now, in: transaction)
                subject = "logged-models/\(item.id)"
            case .run:
                let run = try RunStore.forget(item.id, in: transaction)
                try Self.note(.run, run.id, files: run.artifactURI, at: now, in: transaction)
                subject = "runs/\(item.id)"
            case .experiment:
                let experiment = try ExperimentStore.forget(try ExperimentID(item.id), in: transaction)
                try Self.note(
                    .experiment, item.id, files: experiment.artifactLocation, at: now, in: transaction)
                subject = "experiments/\(item.id)"
            }
            try events.append(
                Change(by: actor, "\(item.kind.rawValue).purged", of: subject, ["name": .string(item.name)]),
                in: transaction)
        }
    }

    private static func note(
        _ kind: DeletedKind, _ id: String, files: String = "", at now: Timestamp, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO purges (rank, id, artifact_uri, requested_at) VALUES (\(kind.rank), \(id), \(files), \(now))
            ON CONFLICT (rank, id) DO NOTHING
            """)
    }

    // MARK: Finishing

    /// Something taken from sight whose rows and files are still to go.
    private struct Remains: RowDecodable, Sendable {
        let kind: DeletedKind
        let id: String
        let artifactURI: String

        init(row: Row) throws {
            let rank: Int = try row.get(0)
            kind = DeletedKind.allCases[rank]
            id = try row.get(1)
            artifactURI = try row.get(2)
        }
    }

    /// Removes what is noted in `purges`, until about `rows` rows are gone.
    /// - Returns: how many rows may still be removed.
    private func finish(within rows: Int, _ report: inout PurgeReport) async throws -> Int {
        var rows = rows
        // An experiment comes after the runs that it brought along.
        while rows > 0,
            let remains = try await database.read({ reader in
                try reader.row(
                    "SELECT rank, id, artifact_uri FROM purges ORDER BY rank, id LIMIT 1", as: Remains.self)
            })
        {
            let limit = min(rows, 5000)
            let now = clock.now
            if remains.kind == .experiment { try await removeTraceFiles(of: remains) }
            let removed = try await database.write { try Self.removeRows(of: remains, limit: limit, at: now, in: $0) }
            rows -= max(removed, 1)
            guard removed < limit else { continue }
            try await removeFiles(of: remains, &report)
            try await database.write { transaction in
                try transaction.execute(
                    "DELETE FROM purges WHERE rank = \(remains.kind.rank) AND id = \(remains.id)")
            }
        }
        return rows
    }

    /// - Returns: how many rows were removed; fewer than `limit` when nothing is left.
    private static func removeRows(
        of remains: Remains, limit: Int, at now: Timestamp, in transaction: Transaction
    ) throws -> Int {
        switch remains.kind {
        case .version: return 0
        case .model:
            return try RegisteredModelStore.removeRemains(
                of: Int64(remains.id) ?? -1, limit: limit, in: transaction)
        case .loggedModel: return try LoggedModelStore.removeRemains(of: remains.id, limit: limit, in: transaction)
        case .run:
            try TraceStore.unlink(run: remains.id, in: transaction)
            return try RunStore.removeRemains(of: remains.id, limit: limit, in: transaction)
        case .experiment:
            let id = try ExperimentID(remains.id)
            let runs = try RunStore.forgetSome(of: id, limit: Self.portion.items, in: transaction)
            for run in runs { try note(.run, run.id, files: run.artifactURI, at: now, in: transaction) }
            let models = try LoggedModelStore.forgetSome(of: id, limit: Self.portion.items, in: transaction)
            for model in models {
                try note(.loggedModel, model.id, files: model.artifactURI, at: now, in: transaction)
            }
            // The experiment's turn comes again after theirs.
            guard runs.isEmpty, models.isEmpty else { return limit }
            let traces = try TraceStore.ids(of: id, limit: Self.portion.items, in: transaction)
            if !traces.isEmpty {
                _ = try TraceStore.remove(traces, limit: limit, in: transaction)
                return limit
            }
            try EvaluationDatasetStore.unlink(experiment: id, in: transaction)
            try ExperimentStore.removeRemains(of: id, in: transaction)
            return 0
        }
    }

    /// Removes the files of the traces that go next, where they do not go with the folder of their experiment. They go
    /// before their rows: after a crash the rows say again where files may be.
    private func removeTraceFiles(of remains: Remains) async throws {
        guard let key = try? artifacts.key(ofURI: remains.artifactURI), try Self.folder(of: remains, at: key) == nil
        else { return }
        let experiment = try ExperimentID(remains.id)
        let traces = try await database.read {
            try TraceStore.ids(of: experiment, limit: Self.portion.items, in: $0)
        }
        for trace in traces {
            // Clients choose the ids of traces: one that leads elsewhere, such as `.`, has no files of its own.
            guard let folder = try? key.appending("traces/\(trace)"), folder.name == trace else { continue }
            try await artifacts.blobs.delete(folder)
        }
    }

    private func removeFiles(of remains: Remains, _ report: inout PurgeReport) async throws {
        guard !remains.artifactURI.isEmpty else { return }
        guard let key = try? artifacts.key(ofURI: remains.artifactURI) else {
            // Somebody else's store: what is there is not ours to remove.
            if remains.kind != .experiment { report.foreignFiles.append(remains.artifactURI) }
            return
        }
        guard let folder = try Self.folder(of: remains, at: key) else { return }
        try await artifacts.blobs.delete(folder)
    }

    /// The folder that belongs to a thing alone; nil when it has none of its own, as an experiment that shares a place
    /// which a user chose.
    private static func folder(of remains: Remains, at key: BlobKey) throws -> BlobKey? {
        var components = key.path.split(separator: "/").map(String.init)
        if remains.kind != .experiment, components.last == "artifacts" { components.removeLast() }
        guard components.last == remains.id else { return nil }
        guard remains.kind != .experiment || components.count == 1 else { return nil }
        return try BlobKey(components.joined(separator: "/"))
    }
}
