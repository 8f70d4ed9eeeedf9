import Statistics
import Tables

extension ColumnProfile {
    mutating func add(_ names: NameCounts) {
        for index in names.counts.indices { add(names.name(index), count: names.counts[index]) }
    }

    /// What is shown of a column of numbers; nil for names.
    var numeric: NumericProfile? {
        if case .numeric(let profile) = content { profile } else { nil }
    }

    /// What is shown of a column of names; nil for numbers.
    var categorical: CategoryProfile? {
        if case .categorical(let profile) = content { profile } else { nil }
    }
}
