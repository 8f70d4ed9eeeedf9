#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Finds names by their bytes: a table of hashes with so many free slots between that most names are found at once.
struct NameIndex: Sendable {
    /// The place of a name plus 1; 0 is free.
    private let slots: [UInt16]
    private let hashes: [UInt64]
    /// All names, one behind the other, and where each ends.
    private let bytes: [UInt8]
    private let ends: [Int]

    /// - Parameter names: fewer than 65,536, without repeats.
    init(_ names: [String]) {
        hashes = names.map { ItemHash.of($0) }
        bytes = names.flatMap(\.utf8)
        ends = names.reduce(into: []) { $0.append(($0.last ?? 0) + $1.utf8.count) }
        var size = 16
        while size < 16 * names.count { size *= 2 }
        var slots = [UInt16](repeating: 0, count: size)
        for (place, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt16(place + 1)
        }
        self.slots = slots
    }

    /// The place of the name with these bytes, whose hash (`ItemHash`) is known; nil when there is none.
    @inline(__always)
    func place(of name: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if hashes[place] == hash, isName(place, name) { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    @inline(__always)
    private func isName(_ place: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let start = place == 0 ? 0 : ends[place - 1]
        guard ends[place] - start == name.count else { return false }
        guard let first = name.baseAddress else { return true }
        return bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0 + start, first, name.count) == 0 } ?? name.isEmpty
        }
    }
}
