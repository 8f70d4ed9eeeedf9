import Synchronization

/// Room for the numbers of whole columns, used again by the columns that come next: new memory costs more than what is written
/// to it.
final class NumberRooms: Sendable {
    private let free = Mutex<[[Double]]>([])

    /// An empty array with room for so many.
    func take(_ count: Int) -> [Double] {
        var room = free.withLock { $0.popLast() } ?? []
        room.reserveCapacity(count)
        return room
    }

    /// Empties an array that nobody else holds.
    func give(_ room: inout [Double]) {
        room.removeAll(keepingCapacity: true)
        let empty = room
        room = []
        free.withLock { $0.append(empty) }
    }
}
