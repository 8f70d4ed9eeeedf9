import Statistics
import Tables

/// Profiles tables larger than memory, some columns at a time on each of several connections, so that all processors read
/// and nothing need be merged.
struct TableProfiler: Sendable {
    /// One for each thread that reads.
    let connections: [TableDatabase]
    /// Called with how many columns have been read of how many.
    private let progress: @Sendable (Int, Int) -> Void

    /// All columns that are being read may hold so many bytes of a reference; what needs more is read twice.
    private let heldBytes: Int
    init(
        _ connections: [TableDatabase], heldBytes: Int,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) {
        self.connections = connections
        self.heldBytes = heldBytes
        self.progress = progress
    }

    /// Profiles a reference: its anchors come from its own values.
    /// - Parameters:
    ///   - columns: with the kind that each is compared as.
    ///   - part: the rows that count; nil for all.
    func reference(
        _ table: DataTable, _ columns: [(column: DataColumn, kind: DataColumn.Kind)], part: TablePart? = nil
    ) async throws -> ProfiledTable {
        let rowCount = part?.rowCount ?? table.rowCount
        let picks = part == nil ? Self.picks(of: rowCount) : []
        let read = columns.compactMap { ColumnReading($0.column, as: $0.kind) }
        let groups = groups(read, rowCount: rowCount)
        let holdsAll = (groups.first?.count ?? 1) * rowCount * 8 * connections.count <= heldBytes
        let rooms = holdsAll ? NumberRooms() : nil
        let found = try await each(groups) { group, database in
            let statement = table.statement(group, where: part?.condition)
            let drafts = group.map { ReferenceDraft($0.form, rowCount: rowCount, rooms: rooms) }
            let first = ColumnScan(group, drafts, picking: picks)
            var scan = try await database.rows(statement).scan(into: first) { $0.read($1) }
            let anchors = scan.readers.map { $0.anchors() }
            let profiles = zip(scan.readers, anchors).map { $0.profile($1) }
            for index in scan.readers.indices { scan.readers[index].end() }
            let again = profiles.indices.filter { profiles[$0] == nil }
            let second = try await Self.profiles(
                table, again.map { group[$0] }, again.map { anchors[$0] }, picking: [], part, on: database)
            let rest = Dictionary(uniqueKeysWithValues: zip(again, second.map(\.profile)))
            return group.indices.map { index in
                Found(
                    name: group[index].name, profile: profiles[index] ?? rest[index].flatMap(\.self),
                    sample: scan.picked[index])
            }
        }
        return Self.table(table.title, rowCount, columns.map(\.column), found)
    }

    /// Profiles a table by the anchors of a reference. A column that the reference lacks has no profile.
    /// - Parameter kinds: as what each column of the reference is compared.
    func profile(
        _ table: DataTable, _ columns: [DataColumn], like reference: ProfiledTable, kinds: [String: DataColumn.Kind],
        part: TablePart? = nil
    ) async throws -> ProfiledTable {
        let rowCount = part?.rowCount ?? table.rowCount
        let picks = part == nil ? Self.picks(of: rowCount) : []
        var anchors: [String: ColumnAnchors] = [:]
        for column in reference.columns { anchors[column.column.name] = column.profile?.anchors }
        let known = anchors
        let read = columns.compactMap { column -> ColumnReading? in
            guard known[column.name] != nil, let kind = kinds[column.name] else { return nil }
            return ColumnReading(column, as: kind)
        }
        let found = try await each(groups(read, rowCount: rowCount)) { group, database in
            try await Self.profiles(
                table, group, group.compactMap { known[$0.name] }, picking: picks, part, on: database)
        }
        return Self.table(table.title, rowCount, columns, found)
    }

    // MARK: How it is done

    private struct Found: Sendable {
        let name: String
        let profile: ColumnProfile?
        let sample: [ColumnValue]
    }

    private static func profiles(
        _ table: DataTable, _ group: [ColumnReading], _ anchors: [ColumnAnchors], picking rows: [Int],
        _ part: TablePart?, on database: TableDatabase
    ) async throws -> [Found] {
        guard !group.isEmpty else { return [] }
        let start = ColumnScan(group, anchors.map(ProfileBuilder.init), picking: rows)
        let statement = table.statement(group, where: part?.condition)
        let scan = try await database.rows(statement).scan(into: start) { $0.read($1) }
        return group.indices.map { index in
            Found(
                name: group[index].name, profile: scan.readers[index].finished(), sample: scan.picked[index])
        }
    }

    private static func table(
        _ title: String, _ rowCount: Int, _ columns: [DataColumn], _ found: [Found]
    ) -> ProfiledTable {
        let byName = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return ProfiledTable(
            title: title, rowCount: rowCount,
            columns: columns.map { column in
                let found = byName[column.name]
                return ProfiledColumn(column: column, profile: found?.profile, sample: found?.sample ?? [])
            })
    }

    /// Columns that are read by one statement. Several groups for each connection, so that none ends long before the others;
    /// smaller ones when that is what lets a reference fit into memory.
    private func groups(_ readings: [ColumnReading], rowCount: Int) -> [[ColumnReading]] {
        let even = max(1, readings.count / (connections.count * 4))
        let fitting = heldBytes / (8 * max(1, rowCount) * connections.count)
        let size = fitting >= 1 ? min(even, fitting) : even
        return stride(from: 0, to: readings.count, by: size).map { start in
            Array(readings[start..<min(start + size, readings.count)])
        }
    }

    /// Does each group on the next connection that is free.
    private func each(
        _ groups: [[ColumnReading]],
        _ body: @escaping @Sendable ([ColumnReading], TableDatabase) async throws -> [Found]
    ) async throws -> [Found] {
        let queue = GroupQueue(groups)
        return try await withThrowingTaskGroup(of: [Found].self) { tasks in
            for connection in connections {
                tasks.addTask {
                    var found: [Found] = []
                    while let group = queue.next() {
                        found += try await body(group, connection)
                        progress(queue.finish(group), queue.columns)
                    }
                    return found
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
    }

    /// The places of the rows that are picked, in ascending order: those whose hash is smallest, as `RowSample` takes them.
    private static func picks(of rowCount: Int) -> [Int] {
        let limit = RowSample.fileLimit
        guard rowCount > limit else { return Array(0..<rowCount) }
        // A bound that a tenth more than needed stay below, so that few need be sorted.
        let bound = UInt64(1.1 * Double(limit) / Double(rowCount) * 0x1p63) &* 2
        let hashes = (0..<rowCount).lazy.map { (row: $0, hash: ItemHash.mix(UInt64($0))) }
        let low = rowCount > 2 * limit ? Array(hashes.filter { $0.hash < bound }) : Array(hashes)
        return low.sorted { $0.hash < $1.hash }.prefix(limit).map(\.row).sorted()
    }
}
