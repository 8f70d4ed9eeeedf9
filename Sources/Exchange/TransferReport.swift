import Wire

/// What a transfer found and what became of it, kind by kind.
struct TransferReport: Sendable {
    /// How many there are.
    struct Count: Sendable, Hashable {
        var found = 0
        /// Are in the target now and were not before.
        var imported = 0
        /// Were there, and are the same.
        var present = 0
        /// Are there and say something else.
        var different = 0
        /// Are not there.
        var failed = 0

        var isWhole: Bool { failed == 0 && different == 0 && found == imported + present }
    }

    /// One thing that did not arrive as it is.
    struct Problem: Sendable, Hashable {
        let kind: String
        let id: String
        let reason: String
    }

    private(set) var counts: [RecordKind: Count] = [:]
    private(set) var files = Count()
    private(set) var fileBytes = 0
    /// The first of them; `counts` knows how many there are.
    private(set) var problems: [Problem] = []
    /// Experiments that have another id in the target: old and new.
    private(set) var renumbered: [(name: String, old: String, new: String)] = []
    /// Places whose files stayed where they are, because clients reach them by themselves.
    private(set) var elsewhere: [String] = []

    private static let longestList = 1000

    /// Whether all that was found is in the target.
    var isWhole: Bool { files.isWhole && counts.values.allSatisfy(\.isWhole) }

    mutating func found(_ kind: RecordKind, _ count: Int = 1) {
        counts[kind, default: Count()].found += count
    }

    /// Counts what became of a record that stands for so many things.
    mutating func stored(_ kind: RecordKind, _ record: StoredRecord, standingFor count: Int = 1) {
        var tally = counts[kind] ?? Count()
        switch (record.effect, record.added) {
        case (.different, _):
            tally.different += count
            note(kind.title, record.id, record.reason ?? "it is different")
        case (_, let added?):
            tally.imported += added
            tally.present += count - added
        case (.created, nil): tally.imported += count
        case (.present, nil): tally.present += count
        }
        counts[kind] = tally
    }

    /// A list ended before its end. How much it had left nobody knows.
    mutating func brokeOff(_ kind: RecordKind, _ owner: String, _ error: any Error) {
        counts[kind, default: Count()].failed += 1
        note(kind.title, "the rest \(owner)", error)
    }

    mutating func failed(_ kind: RecordKind, _ id: String, _ error: any Error, standingFor count: Int = 1) {
        counts[kind, default: Count()].failed += count
        note(kind.title, id, error)
    }

    mutating func foundFile() { files.found += 1 }

    mutating func stored(file entry: FileEntry, isNew: Bool) {
        if isNew {
            files.imported += 1
            fileBytes += entry.sizeBytes
        } else {
            files.present += 1
        }
    }

    mutating func failed(file id: String, _ error: any Error) {
        files.failed += 1
        note("files", id, error)
    }

    mutating func renumber(_ name: String, from old: String, to new: String) {
        if old != new { renumbered.append((name, old, new)) }
    }

    mutating func leave(_ uri: String) {
        if elsewhere.count < Self.longestList { elsewhere.append(uri) }
    }

    private mutating func note(_ kind: String, _ id: String, _ error: any Error) {
        let problem = error as? any Wire.Problem
        let words = problem.map { [$0.message, $0.hint ?? ""].filter { !$0.isEmpty }.joined(separator: " ") }
        note(kind, id, words ?? "\(error)")
    }

    private mutating func note(_ kind: String, _ id: String, _ reason: String) {
        guard problems.count < Self.longestList else { return }
        problems.append(Problem(kind: kind, id: id, reason: reason))
    }

    /// The rows of a table: kind and counts.
    var rows: [(kind: String, count: Count)] {
        RecordKind.allCases.map { ($0.title, counts[$0] ?? Count()) } + [("files", files)]
    }

    /// How far it is, in a line.
    var progress: String {
        let kinds: [RecordKind] = [.experiments, .runs, .metrics, .traces, .models, .evaluationDatasets]
        let counts = kinds.map { ($0.title, self.counts[$0]?.found ?? 0) } + [("files", files.found)]
        return counts.filter { $0.1 > 0 }.map { "\($1) \($0)" }.joined(separator: ", ")
    }

    /// The rows that people want to see: what there is, and the kinds that every server has.
    var shownRows: [(kind: String, count: Count)] {
        let always = [RecordKind.experiments.title, RecordKind.runs.title, RecordKind.metrics.title, "files"]
        return rows.filter { always.contains($0.kind) || $0.count != Count() }
    }

    /// What is not as it was, though nothing is missing.
    var remarks: [String] {
        var remarks = renumbered.map { name, old, new in
            "experiment '\(name)' had number \(old), which was taken: it is number \(new) here"
        }
        if let first = elsewhere.first {
            remarks.append("\(elsewhere.count) keep their files where they are, such as \(first)")
        }
        let webhooks = counts[.webhooks]?.imported ?? 0
        if webhooks > 0 {
            remarks.append(
                "\(webhooks) webhook\(webhooks == 1 ? "" : "s") arrived switched off, because no server tells its secrets: "
                    + "MlflowClient().update_webhook(ID, secret=…, status=\"ACTIVE\") gives the secret and switches on")
        }
        return remarks
    }

    /// The first problems, each in a line, and how many more there are.
    var problemLines: [String] {
        let failed = counts.values.reduce(files.failed + files.different) { $0 + $1.failed + $1.different }
        var lines = problems.prefix(20).map { "\($0.kind) \($0.id): \($0.reason)" }
        if problems.count > lines.count { lines.append("… and more, \(failed) in all; --json lists them") }
        return lines
    }
}

extension TransferReport: JSONRepresentable {
    var json: JSON {
        let counts = rows.map { kind, count -> (String, JSON) in
            let form: JSON = [
                "found": .integer(Int64(count.found)), "imported": .integer(Int64(count.imported)),
                "present": .integer(Int64(count.present)), "different": .integer(Int64(count.different)),
                "failed": .integer(Int64(count.failed)),
            ]
            return (kind.replacing(" ", with: "_"), form)
        }
        return [
            "ok": .bool(isWhole), "counts": .members(counts), "file_bytes": .integer(Int64(fileBytes)),
            "problems": .array(
                problems.map { ["kind": .string($0.kind), "id": .string($0.id), "reason": .string($0.reason)] }),
            "renumbered_experiments": .array(
                renumbered.map { ["name": .string($0.name), "old": .string($0.old), "new": .string($0.new)] }),
            "files_left": .strings(elsewhere), "remarks": .strings(remarks),
        ]
    }
}
