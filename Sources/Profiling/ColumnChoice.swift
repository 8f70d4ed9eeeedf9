import Wire

/// Which columns are looked at.
struct ColumnChoice: Sendable, Hashable {
    /// All when empty.
    var only: [String]
    var except: [String]

    init(only: [String] = [], except: [String] = []) {
        self.only = only
        self.except = except
    }

    /// Those of some columns that are wanted, in their order.
    /// - Throws: `ProfilingError` for a name that none of the tables has.
    func chosen(_ tables: [[DataColumn]]) throws -> Set<String> {
        let all = Set(tables.joined().map(\.name))
        for name in only + except where !all.contains(name) {
            var listed: Set<String> = []
            let each = tables.joined().map(\.name).filter { listed.insert($0).inserted }
            let some = each.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
            throw ProfilingError.invalid(
                "There is no column '\(name)'.", hint: all.isEmpty ? nil : "There are \(some).")
        }
        let chosen = (only.isEmpty ? all : Set(only)).subtracting(except)
        guard !chosen.isEmpty else {
            throw ProfilingError.invalid("No column is left to look at.")
        }
        return chosen
    }
}
