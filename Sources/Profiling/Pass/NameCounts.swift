import Tables

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Counts names by their bytes: what stands between millions of cells and the few strings that come of them.
struct NameCounts: Sendable {
    /// The index of a name in each slot; −1 for none. Twice as many slots as names at least.
    private var slots: [Int32]
    private var hashes: [UInt64] = []
    /// Where each name ends in `bytes`; it begins where the one before ends.
    private var ends: [Int] = []
    private var bytes: [UInt8] = []
    private(set) var counts: [Int] = []
    private var recent = RecentCells()

    init() {
        slots = Array(repeating: -1, count: 64)
    }

    var isEmpty: Bool { counts.isEmpty }

    /// - Returns: the place of the name among the names.
    @discardableResult
    mutating func add(_ name: UnsafeRawBufferPointer) -> Int {
        let hash = Self.hash(name)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if hashes[index] == hash, isName(index, name) {
                counts[index] += 1
                return index
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = Int32(counts.count)
        counts.append(1)
        hashes.append(hash)
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        if counts.count * 2 > slots.count { grow() }
        return counts.count - 1
    }

    /// Counts the names of all rows that have one.
    /// - Returns: how many have none.
    mutating func add(_ texts: TextCells, _ mask: RowMask?) -> Int {
        recent.beginChunk(with: texts.count)
        let (cells, words) = (texts.cells, mask?.words)
        var missing = 0
        for row in cells.indices {
            if let words, words[row >> 6] >> UInt64(row & 63) & 1 == 0 {
                missing += 1
                continue
            }
            let cell = cells[row]
            if let index = recent.index(of: cell) {
                counts[index] &+= 1
            } else {
                recent.keep(add(texts[row]), of: cell)
            }
        }
        return missing
    }

    func name(_ index: Int) -> String {
        String(decoding: bytes[start(index)..<ends[index]], as: UTF8.self)
    }

    mutating func removeAll() {
        self = NameCounts()
    }

    /// Forgets every name but the commonest so many.
    mutating func keepCommonest(_ limit: Int) {
        let commonest = counts.indices.sorted { counts[$0] > counts[$1] }.prefix(limit)
        var kept = NameCounts()
        for index in commonest {
            bytes[start(index)..<ends[index]].withUnsafeBytes { kept.add($0) }
            kept.counts[kept.counts.count - 1] = counts[index]
        }
        self = kept
    }

    private func start(_ index: Int) -> Int {
        index == 0 ? 0 : ends[index - 1]
    }

    private func isName(_ index: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let start = start(index)
        guard ends[index] - start == name.count else { return false }
        guard let other = name.baseAddress, !name.isEmpty else { return true }
        return bytes.withUnsafeBytes { kept in
            kept.baseAddress.map { memcmp($0 + start, other, name.count) == 0 } ?? false
        }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 4)
        let mask = slots.count - 1
        for index in counts.indices {
            var slot = Int(truncatingIfNeeded: hashes[index]) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }

    /// Eight bytes at a time, each folded in by a wide multiplication, as wyhash does.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: name.count) ^ 0x9E37_79B9_7F4A_7C15
        var place = 0
        while place + 8 <= name.count {
            hash = mixed(hash, name.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < name.count {
            rest = rest << 8 | UInt64(name[place])
            place += 1
        }
        return mixed(hash, rest)
    }

    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: word ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
}
