import Database
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The days of predictions, each a database file of its own, so that forgetting a day is deleting a file. Files are
/// opened when they are asked for; only a few stay open.
actor PredictionPartitionStore {
    private struct Partition {
        let store: PredictionStore
        var users = 0
        var lastUse = 0
    }

    private let folder: String
    private let maximumOpen: Int
    private var opened: [PredictionDay: Partition] = [:]
    private var opening: [PredictionDay: Task<PredictionStore, any Error>] = [:]
    private var uses = 0

    init(folder: String, maximumOpen: Int = 4) throws {
        self.folder = folder
        self.maximumOpen = maximumOpen
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// The days there are, oldest first.
    func days() throws -> [PredictionDay] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { $0.hasSuffix(Self.suffix) ? PredictionDay(name: $0.dropLast(Self.suffix.count)) : nil }
            .sorted()
    }

    /// Runs `body` with the store of a day, which is made when there is none.
    func with<Value: Sendable>(
        _ day: PredictionDay, _ body: @Sendable (PredictionStore) async throws -> Value
    ) async throws -> Value {
        let store = try await take(day)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(store))
        } catch {
            result = .failure(error)
        }
        opened[day]?.users -= 1
        closeIdle(downTo: maximumOpen)
        return try result.get()
    }

    /// Runs `body` with the store of a day; nil when there is none.
    func ifPresent<Value: Sendable>(
        _ day: PredictionDay, _ body: @Sendable (PredictionStore) async throws -> Value
    ) async throws -> Value? {
        guard FileManager.default.fileExists(atPath: path(of: day)) else { return nil }
        return try await with(day, body)
    }

    private func take(_ day: PredictionDay) async throws -> PredictionStore {
        if opened[day] == nil {
            let task = opening[day] ?? Task { try await open(day) }
            opening[day] = task
            // One that failed is not waited for again.
            defer { opening[day] = nil }
            let store = try await task.value
            if opened[day] == nil { opened[day] = Partition(store: store) }
        }
        uses += 1
        opened[day]?.users += 1
        opened[day]?.lastUse = uses
        guard let store = opened[day]?.store else { throw PredictionError(.internalError, "A partition vanished.") }
        return store
    }

    private func open(_ day: PredictionDay) async throws -> PredictionStore {
        let database = try Database.open(.sqlite(path: path(of: day)))
        try await database.migrate(PredictionSchema.migrations)
        return PredictionStore(database: database)
    }

    private func closeIdle(downTo count: Int) {
        let idle = opened.filter { $0.value.users == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (day, partition) in idle.prefix(max(0, opened.count - count)) {
            opened[day] = nil
            try? partition.store.database.close()
        }
    }

    /// Deletes a day, unless it is being used.
    /// - Returns: whether it is gone.
    func forget(_ day: PredictionDay) throws -> Bool {
        guard opening[day] == nil, opened[day]?.users ?? 0 == 0 else { return false }
        // What it had in its write-ahead log goes into the file when it is closed.
        if let partition = opened.removeValue(forKey: day) { try partition.store.database.close() }
        for file in files(of: day).reversed() where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
        return true
    }

    /// What a day takes on the disk.
    func sizeBytes(of day: PredictionDay) -> Int {
        files(of: day).reduce(0) { sum, file in
            sum + ((try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? Int ?? 0)
        }
    }

    private func files(of day: PredictionDay) -> [String] {
        ["", "-wal", "-shm"].map { path(of: day) + $0 }
    }

    /// Closes what nobody uses.
    func close() {
        closeIdle(downTo: 0)
    }

    private func path(of day: PredictionDay) -> String {
        "\(folder)/\(day.name)\(Self.suffix)"
    }

    private static let suffix = ".sqlite"
}
