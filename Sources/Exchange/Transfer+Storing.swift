import Wire

// What the target takes, and what it does not.

extension Transfer {
    /// Stores records; when the target refuses them together, each by itself, so that one bad record is one missing.
    /// - Throws: `TransferStop` for what will not be cured by going on, such as a target that does not answer.
    @discardableResult
    func store(_ kind: RecordKind, _ records: [JSON]) async throws -> [StoredRecord] {
        guard !records.isEmpty else { return [] }
        for record in records { report.found(kind, kind.weight(of: record)) }
        do {
            let stored = try await stored(kind, records)
            for (record, outcome) in zip(records, stored) {
                report.stored(kind, outcome, standingFor: kind.weight(of: record))
            }
            return stored
        } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
            guard records.count > 1 else {
                for record in records {
                    report.failed(kind, kind.id(of: record), problem, standingFor: kind.weight(of: record))
                }
                return []
            }
        }
        var all: [StoredRecord] = []
        for record in records {
            let weight = kind.weight(of: record)
            do {
                let outcomes = try await stored(kind, [record])
                for outcome in outcomes { report.stored(kind, outcome, standingFor: weight) }
                all += outcomes
            } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
                report.failed(kind, kind.id(of: record), problem, standingFor: weight)
            }
        }
        return all
    }

    private func stored(_ kind: RecordKind, _ records: [JSON]) async throws -> [StoredRecord] {
        let stored = try await stoppingOnFailure { try await target.store(kind, records) }
        guard stored.count == records.count else {
            throw TransferStop(
                reason: ExchangeError(
                    .internalError,
                    "The server answered with \(stored.count) outcomes for \(records.count) \(kind.title)."))
        }
        return stored
    }

    /// Asks something of the target.
    /// - Throws: a `Problem` that is about what was asked, and `TransferStop` for any other.
    private func stoppingOnFailure<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
            throw problem
        } catch {
            throw TransferStop(reason: error)
        }
    }

    private static func isAboutTheRecord(_ problem: any Problem) -> Bool {
        (400..<500).contains(problem.code.status) && ![401, 403, 429].contains(problem.code.status)
            && problem.code.name != ProblemCode.storageFull.name
    }

    // MARK: Files

    /// - Parameter place: where they belong in the target; nil when they stay where they are.
    func carryFiles(of owner: FileOwner, to place: String?) async throws {
        guard let place else { return report.leave(owner.uri) }
        do {
            guard let tree = try await source.files(of: owner) else {
                return report.failed(file: owner.label, Self.unreachable(owner.uri))
            }
            try await carryFolders(of: owner, tree, to: place)
        } catch  where !TransferStop.isDue(after: error) {
            report.failed(file: owner.label, error)
        }
    }

    private func carryFolders(of owner: FileOwner, _ tree: any FileTree, to place: String) async throws {
        var folders = [""]
        while let folder = folders.popLast() {
            var files: [FileEntry] = []
            for entry in try await entries(of: folder, tree, owner) {
                if let defect = entry.defect(in: folder) {
                    report.foundFile()
                    report.failed(
                        file: "\(owner.label)/\(entry.path)", ExchangeError(.invalidParameterValue, defect))
                } else if entry.isFolder {
                    folders.append(entry.path)
                } else {
                    files.append(entry)
                }
            }
            guard !files.isEmpty else { continue }
            let present = try await stoppingOnFailure {
                try await target.sizes(in: folder, of: owner, at: place)
            }
            for file in files { try await carry(file, present, tree, owner, place) }
        }
    }

    /// What lies in a folder; one that cannot be read is noted.
    private func entries(of folder: String, _ tree: any FileTree, _ owner: FileOwner) async throws -> [FileEntry] {
        do {
            return try await tree.list(folder).filter { !owner.hasInTrace($0) }
        } catch  where !TransferStop.isDue(after: error) {
            report.foundFile()
            report.failed(file: folder.isEmpty ? owner.label : "\(owner.label)/\(folder)", error)
            return []
        }
    }

    private static func unreachable(_ uri: String) -> ExchangeError {
        ExchangeError(
            .doesNotExist, "its files at '\(uri)' cannot be reached from here",
            hint: "Import on the machine that has them, or name the folder of mlflow-artifacts: with --artifacts.")
    }

    private func carry(
        _ entry: FileEntry, _ present: [String: Int], _ tree: any FileTree, _ owner: FileOwner, _ place: String
    ) async throws {
        report.foundFile()
        if present[entry.path] == entry.sizeBytes { return report.stored(file: entry, isNew: false) }
        do {
            let chunks = WholeFile(
                chunks: try await tree.read(entry.path), sizeBytes: entry.sizeBytes, path: entry.path)
            try await stoppingOnFailure { try await target.write(entry, of: owner, at: place, chunks) }
            report.stored(file: entry, isNew: true)
        } catch  where !TransferStop.isDue(after: error) {
            report.failed(file: "\(owner.label)/\(entry.path)", error)
        }
        onProgress(report)
    }
}

extension FileOwner {
    /// Whether the file holds the spans of a trace, which are carried as such.
    fileprivate func hasInTrace(_ entry: FileEntry) -> Bool {
        kind == .trace && entry.path == TraceRecord.fileName
    }
}
