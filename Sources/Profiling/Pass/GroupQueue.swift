import Synchronization

/// Groups of columns that are to be read, each taken once by whoever is free.
final class GroupQueue: Sendable {
    private struct State {
        var taken = 0
        var finishedColumns = 0
    }

    private let groups: [[ColumnReading]]
    /// In all groups.
    let columns: Int
    private let state = Mutex(State())

    init(_ groups: [[ColumnReading]]) {
        self.groups = groups
        columns = groups.reduce(0) { $0 + $1.count }
    }

    func next() -> [ColumnReading]? {
        state.withLock { state in
            guard state.taken < groups.count else { return nil }
            state.taken += 1
            return groups[state.taken - 1]
        }
    }

    /// - Returns: how many columns have been read by now.
    func finish(_ group: [ColumnReading]) -> Int {
        state.withLock { state in
            state.finishedColumns += group.count
            return state.finishedColumns
        }
    }
}
