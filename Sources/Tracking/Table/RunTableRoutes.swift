import HTTPTypes
import Web
import Wire

/// The table of an experiment's runs for programs, and what the page asks for while it is open.
struct RunTableRoutes: Sendable {
    let experiments: ExperimentStore
    let runs: RunStore

    private static let limits = (runs: 1000, columns: 500, completions: 12)

    func routes(into routes: inout Routes) {
        let path = "/api/v1/experiments/{id}"
        routes.get("\(path)/runs", .read("runs")) { call in try await Self.pointing(call, table) }
        routes.get("\(path)/groups", .read("runs")) { call in try await Self.pointing(call, groups) }
        routes.get("\(path)/runs/new", .read("runs")) { call in try await Self.pointing(call, new) }
        routes.get("\(path)/columns", .read("runs"), columns)
        routes.get("\(path)/complete", .read("runs"), complete)
    }

    // MARK: Runs

    private func table(_ call: Call) async throws -> Reply {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        var wanted = try RunView { call.query($0) }.wanted(in: experiment.id)
        try wanted.query.page(call, most: Self.limits.runs)
        wanted.longestText = try call.integerQuery("max_text").map { min(max($0, 1), 100_000) }
        wanted.counts = wanted.query.offset == 0
        let table = try await runs.table(wanted)
        return .json { writer in
            Self.write(table.runs, table.cells, of: table, to: &writer)
            if !table.pinned.isEmpty {
                writer.name("pinned")
                writer.object { Self.write(table.pinned, table.pinnedCells, of: table, to: &$0) }
            }
            if table.isMoreDiffering {
                writer.name("more_differing")
                writer.write(.bool(true))
            }
            if let total = table.total {
                writer.member("total", Int64(total.count))
                writer.name("total_is_more")
                writer.write(.bool(total.isMore))
            }
            writer.nextPage(table.next)
        }
    }

    private static func write(
        _ runs: [RunInfo], _ cells: [[RunCell]], of table: RunTable, to writer: inout JSONWriter
    ) {
        writer.name("run_id")
        writer.array(runs) { $0.write($1.id) }
        writer.name("run_name")
        writer.array(runs) { $0.write($1.name) }
        writer.name("columns")
        writer.array(Array(zip(table.columns, cells))) { writer, column in
            writer.object { writer in
                writer.member("column", column.0.text)
                writer.name("values")
                writer.array(column.1) { $1.write(to: &$0) }
            }
        }
    }

    private func groups(_ call: Call) async throws -> Reply {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let wanted = try RunView { call.query($0) }.wanted(in: experiment.id)
        guard !wanted.groups.isEmpty else { throw FieldProblem.missing("group_by") }
        let found = try await runs.groups(wanted)
        return .json { writer in
            writer.name("groups")
            writer.array(found.groups) { writer, group in
                writer.object { writer in
                    writer.name("values")
                    writer.array(group.values) { $1.write(to: &$0) }
                    writer.member("runs", Int64(group.count))
                    writer.name("metrics")
                    writer.array(Array(zip(found.measures, group.spreads))) { $1.1.write(of: $1.0, to: &$0) }
                }
            }
            writer.member("group_count", Int64(found.groupCount))
            writer.member("runs_looked_at", Int64(found.looked))
            writer.name("more_runs")
            writer.write(.bool(found.isMore))
        }
    }

    /// How many runs that fit began after a moment: cheap enough to be asked every few seconds.
    private func new(_ call: Call) async throws -> Reply {
        let id = try ExperimentID(call.path("id"))
        guard let since = try call.integerQuery("since") else { throw FieldProblem.missing("since") }
        var query = RunQuery(experimentIDs: [id])
        let later = SearchFilter.Condition(
            SearchField(.attribute, "start_time"), .greater, .number(Double(since)))
        query.filter = .all([.condition(later), try SearchGrammar.runs.filter(call.query("filter"))])
        let most = 999
        let count = try await runs.count(query, most: most + 1)
        return .json(["new": .integer(Int64(min(count, most))), "is_more": .bool(count > most)])
    }

    // MARK: Names

    private func columns(_ call: Call) async throws -> Reply {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let words = (call.query("q") ?? "").split(separator: " ").prefix(8).map(String.init)
        let wanted = call.query("kind") ?? ""
        guard wanted.isEmpty || wanted == "attribute" || KeyStore.Kind(rawValue: wanted) != nil else {
            throw FieldProblem("There is no kind '\(wanted)' of columns, only attribute, metric, param and tag.")
        }
        let limit = try call.integerQuery("limit") ?? 100
        guard (1...Self.limits.columns).contains(limit) else {
            throw FieldProblem("'limit' is between 1 and \(Self.limits.columns), not \(limit).")
        }
        let offset = try call.pageOffset() ?? 0
        let kinds = KeyStore.Kind.allCases.filter { wanted.isEmpty || $0.rawValue == wanted }
        let attributes = wanted.isEmpty || wanted == "attribute" ? RunColumn.attributes(containing: words) : []
        let first = attributes.dropFirst(offset).prefix(limit)
        let keys = try await runs.keys.columns(
            of: experiment.id, containing: words, kinds: kinds, limit: limit - first.count + 1,
            offset: max(0, offset - attributes.count))
        let page = Page(rows: first + keys.elements, limit: limit, offset: offset)
        return .json { writer in
            writer.name("columns")
            writer.array(page.elements) { $1.write(to: &$0) }
            writer.nextPage(page.next)
        }
    }

    /// What may be written next, and what is wrong with what is written.
    private func complete(_ call: Call) async throws -> Reply {
        let id = try ExperimentID(call.path("id"))
        let filter = call.query("filter") ?? ""
        let caret = try call.integerQuery("at") ?? filter.unicodeScalars.count
        var members: [(String, JSON)] = []
        do {
            _ = try SearchGrammar.runs.filter(filter)
        } catch let problem as FilterProblem {
            members.append(
                ("problem", ["message": .string(problem.description), "position": .integer(Int64(problem.position))]))
        }
        if let completion = FilterCompletion(of: filter, at: caret) {
            let words = completion.begunWords
            let keys =
                words.isEmpty
                ? []
                : try await runs.keys.columns(
                    of: id, containing: words, kinds: completion.kinds, limit: Self.limits.completions
                ).elements
            members.append(("from", .integer(Int64(completion.start))))
            members.append(("completions", .strings(completion.texts(keys).prefix(Self.limits.completions))))
        }
        return .json(.members(members))
    }

    /// Answers what is wrong with a filter or a list with its place, so that it is shown there.
    private static func pointing(
        _ call: Call, _ handler: (Call) async throws -> Reply
    ) async throws -> Reply {
        do {
            return try await handler(call)
        } catch let problem as FilterProblem {
            let body = problem.errorBody(requestID: call.requestID).memberList ?? []
            let place: [(String, JSON)] = [
                ("parameter", .string(problem.subject)), ("position", .integer(Int64(problem.position))),
            ]
            return .json(.members(body.map { ($0.key, $0.value) } + place), status: .badRequest)
        }
    }
}

extension RunQuery {
    /// Takes the page that a request names: by its token, or by its offset.
    mutating func page(_ call: Call, most: Int, default fallback: Int = 100) throws {
        limit = try call.integerQuery("limit") ?? fallback
        guard (1...most).contains(limit) else {
            throw FieldProblem("'limit' is between 1 and \(most), not \(limit).")
        }
        offset = try call.pageOffset() ?? call.integerQuery("offset") ?? 0
        guard (0...Int(Int32.max)).contains(offset) else {
            throw FieldProblem("'offset' is 0 or more, not \(offset).")
        }
    }
}

extension RunColumn {
    fileprivate static func attributes(containing words: [String]) -> [RunColumn] {
        attributes.filter { name in words.allSatisfy { name.contains($0.lowercased()) } }
            .map { RunColumn(.attribute, $0) }
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("column", text)
            writer.member("kind", entity.rawValue)
            writer.member("key", key)
            if entity == .metric {
                writer.name("modes")
                writer.array(Mode.allCases) { $0.write($1.rawValue) }
            }
        }
    }
}

extension Spread {
    fileprivate func write(of column: RunColumn, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("column", column.text)
            writer.member("count", Int64(count))
            guard count > 0 else { return }
            for (name, value) in [("mean", mean), ("min", least), ("max", greatest)] {
                writer.name(name)
                writer.write(value)
            }
            if let deviation {
                writer.name("std")
                writer.write(deviation)
            }
        }
    }
}
