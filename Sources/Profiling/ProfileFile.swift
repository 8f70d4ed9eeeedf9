import Foundation
import Statistics
import Wire

/// A saved profile: what a table is compared with later, without its rows.
///
/// A line that says what it is, a line of JSON (title, columns, anchors, where numbers are cut and which names are counted),
/// and then the profile in its stored form.
struct ProfileFile: Sendable {
    private static let mark = "martlet profile 1"

    let table: ProfiledTable

    init(_ table: ProfiledTable) {
        self.table = table
    }

    /// - Parameter hasRows: whether the rows that were picked are in it, for comparing whole rows.
    func bytes(withRows hasRows: Bool) -> [UInt8] {
        let profile = table.profile(withRows: hasRows)
        let head: JSON = [
            "title": .string(table.title), "rows": .integer(Int64(table.rowCount)),
            "columns": .array(table.columns.map { $0.column.json }), "anchors": profile.anchors.json,
        ]
        return Array("\(Self.mark)\n\(head.text)\n".utf8) + profile.bytes
    }

    /// - Throws: `ProfilingError` when there is no such file or it is no profile.
    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ProfilingError(.doesNotExist, "There is no file at \(path).")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ProfilingError.invalid("\(path) cannot be read.", hint: "Check its permissions.")
        }
        let parts = data.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(Self.mark.utf8) else {
            throw ProfilingError.invalid(
                "\(path) is no saved profile.", hint: "martlet profile FILE --output NAME.profile saves one.")
        }
        do {
            let head = try Fields(JSON.parse(String(decoding: parts[1], as: UTF8.self)))
            let anchors = try TableAnchors(json: try head.value("anchors") ?? .null)
            let profile = try TableProfile(bytes: Array(parts[2]), anchors: anchors)
            let columns = try head.objects("columns").map { try DataColumn($0) }
            table = ProfiledTable(title: try head.string("title"), columns: columns, profile)
        } catch let problem as any Problem {
            throw ProfilingError.invalid("\(path) is damaged: \(problem.message)", hint: "Save the profile again.")
        }
    }
}

extension DataColumn {
    fileprivate init(_ fields: Fields) throws {
        self.init(
            name: try fields.string("name"), type: try fields.string("type"),
            kind: Kind(rawValue: try fields.string("kind")) ?? .other)
    }
}

extension ProfiledTable {
    /// What of it is stored: the profiles that there are, and rows of their values.
    fileprivate func profile(withRows hasRows: Bool) -> TableProfile {
        let kept = columns.filter { $0.profile != nil }
        let anchors = TableAnchors(
            kept.compactMap { column in
                column.profile.map { .init(name: column.column.name, anchors: $0.anchors) }
            })
        var profile = TableProfile(anchors: anchors, sampleLimit: RowSample.fileLimit)
        profile.columns = kept.compactMap(\.profile)
        profile.addRows(rowCount)
        for row in 0..<(hasRows ? pickedRows : 0) {
            profile.sample.add(kept.map { $0.sample[row] }, key: UInt64(row))
        }
        return profile
    }

    fileprivate init(title: String, columns: [DataColumn], _ profile: TableProfile) {
        let rows = profile.sample.rows
        self.init(
            title: title, rowCount: profile.rows,
            columns: columns.map { column in
                let place = profile.anchors.positions[column.name]
                return ProfiledColumn(
                    column: column, profile: place.map { profile.columns[$0] },
                    sample: place.map { place in rows.map { $0.values[place] } } ?? [])
            })
    }

    /// Of each column that is compared.
    private var pickedRows: Int {
        columns.first { $0.profile != nil }?.sample.count ?? 0
    }
}
