import Foundation
import Wire

/// How far the import of a file has come: a small file beside it, while the import is not at its end.
struct ImportProgress: Sendable, Hashable {
    /// What must be the same when it goes on.
    let identity: JSON
    /// How many rows are with the server.
    var rows = 0
    var accepted = 0
    var duplicates = 0
    var late = 0
    var refused = 0
    /// The first rows that were refused, counted from 1 in the file.
    var refusedRows: [JSON] = []

    private static let listed = 20

    static func path(for file: String) -> String { file + ".importing" }

    init(identity: JSON) {
        self.identity = identity
    }

    /// What an import that was interrupted left; the beginning when there is none, or it was another import.
    init(identity: JSON, of file: String) {
        self.init(identity: identity)
        guard let data = FileManager.default.contents(atPath: Self.path(for: file)), let json = try? JSON.parse(data),
            json["identity"] == identity
        else { return }
        func count(_ name: String) -> Int { Int(clamping: json[name]?.integerValue ?? 0) }
        rows = count("rows")
        accepted = count("accepted")
        duplicates = count("duplicates")
        late = count("late")
        refused = count("refused")
        refusedRows = json["refused_rows"]?.arrayValue ?? []
    }

    var json: JSON {
        [
            "rows": .integer(Int64(rows)), "accepted": .integer(Int64(accepted)),
            "duplicates": .integer(Int64(duplicates)), "late": .integer(Int64(late)),
            "refused": .integer(Int64(refused)), "refused_rows": .array(refusedRows),
        ]
    }

    /// Adds what the server answered to `count` rows more.
    mutating func add(_ receipt: JSON, of count: Int) {
        func number(_ name: String) -> Int { Int(clamping: receipt[name]?.integerValue ?? 0) }
        for line in receipt["refused_lines"]?.arrayValue ?? [] where refusedRows.count < Self.listed {
            let row = Int64(rows) + (line["line"]?.integerValue ?? 0)
            refusedRows.append(["row": .integer(row), "reason": line["reason"] ?? .null])
        }
        rows += count
        accepted += number("accepted")
        duplicates += number("duplicates")
        late += number("late")
        refused += number("refused")
    }

    /// Whole or not at all. A folder that cannot be written to keeps no progress; sending rows twice adds nothing.
    func save(of file: String) {
        let members = [("identity", identity)] + (json.memberList ?? []).map { ($0.key, $0.value) }
        try? Data(JSON.members(members).text.utf8).write(to: URL(filePath: Self.path(for: file)), options: .atomic)
    }

    static func remove(of file: String) {
        try? FileManager.default.removeItem(atPath: path(for: file))
    }
}
