import Tables

/// Which of the counted names some cells of late held, so that most names need be neither hashed nor compared.
struct RecentCells: Sendable {
    private struct Entry {
        var cell = TextCell()
        /// The place of the name among the names.
        var index: Int32 = -1
        /// The chunk that the cell was in.
        var chunk: UInt32 = 0
    }

    /// Empty until there is a chunk that is worth the room.
    private var entries: [Entry] = []
    /// Cells of texts that lie elsewhere say nothing in another chunk: something else may lie there.
    private var chunk: UInt32 = 0

    private static let bits: UInt64 = 10
    /// Of fewer rows each name is looked up.
    private static let leastRows = 512

    mutating func beginChunk(with rows: Int) {
        chunk &+= 1
        if entries.isEmpty, rows >= Self.leastRows {
            entries = Array(repeating: Entry(), count: 1 << Int(Self.bits))
        }
    }

    /// Nil when it is not known.
    @inline(__always)
    mutating func index(of cell: TextCell) -> Int? {
        guard !entries.isEmpty else { return nil }
        let place = Self.place(cell)
        let entry = entries[place]
        guard entry.cell.head == cell.head, entry.cell.tail == cell.tail, entry.index >= 0 else { return nil }
        if entry.chunk != chunk {
            guard cell.isWhole else { return nil }
            entries[place].chunk = chunk
        }
        return Int(entry.index)
    }

    @inline(__always)
    mutating func keep(_ index: Int, of cell: TextCell) {
        guard !entries.isEmpty else { return }
        entries[Self.place(cell)] = Entry(cell: cell, index: Int32(truncatingIfNeeded: index), chunk: chunk)
    }

    @inline(__always)
    private static func place(_ cell: TextCell) -> Int {
        let mixed = ((cell.head &* 0x9E37_79B9_7F4A_7C15) ^ cell.tail) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed &>> (64 &- bits))
    }
}
