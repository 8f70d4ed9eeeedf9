#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How many different values came, in bounded space: exact up to `exactLimit`, and above that HyperLogLog with 4,096
/// registers (Flajolet et al. 2007), whose standard error is 1.04 / √4096 = 1.6 %.
///
/// What is kept depends on the set of values alone, not on their order or grouping, so merging is exact. Values are known
/// by 40 bits of their hash: below 10⁹ different ones, no two alike are to be reckoned with.
package struct DistinctCount: Sendable {
    package static let exactLimit = 128
    static let registerCount = 4_096
    /// Bits of a hash that are used: 12 choose a register, the place of the first 1 in the other 28 goes into it.
    static let rankBits: UInt64 = 28

    /// While few came: their hashes plus 1, in a table with free slots (0) between. Empty once there are registers.
    private(set) var slots: [UInt64] = []
    private(set) var slotsUsed = 0
    /// Empty while the count is exact.
    private(set) var registers: [UInt8] = []

    package init() {}

    /// A count as it was stored.
    init(registers: [UInt8]) {
        self.registers = registers
    }

    /// Adds a value by its hash (`ItemHash`).
    @inline(__always)
    package mutating func add(hash: UInt64) {
        if registers.isEmpty {
            addExactly(hash >> 24)
        } else {
            raise(hash >> 24)
        }
    }

    /// Adds finite numbers.
    package mutating func add(_ values: UnsafeBufferPointer<Double>) {
        var index = 0
        while registers.isEmpty, index < values.count {
            addExactly(ItemHash.of(values[index]) >> 24)
            index += 1
        }
        registers.withUnsafeMutableBufferPointer { registers in
            for value in values[index...] {
                let key = ItemHash.of(value) &>> 24
                let register = Int(truncatingIfNeeded: key &>> Self.rankBits)
                // The rank is greater when as many bits as the register says are 0; seldom, and cheaper than the rank.
                let leading = key & (1 << Self.rankBits - 1)
                guard leading &>> (Self.rankBits &- UInt64(registers[register])) == 0 else { continue }
                registers[register] = max(registers[register], Self.rank(key))
            }
        }
    }

    @inline(__always)
    private mutating func raise(_ key: UInt64) {
        let register = Int(truncatingIfNeeded: key >> Self.rankBits)
        let rank = Self.rank(key)
        if registers[register] < rank { registers[register] = rank }
    }

    /// The place of the first 1 among the low 28 bits, from 1; 29 when there is none.
    @inline(__always)
    static func rank(_ key: UInt64) -> UInt8 {
        let rest = key << (64 - rankBits) | 1 << (63 - rankBits)
        return UInt8(truncatingIfNeeded: rest.leadingZeroBitCount + 1)
    }

    private mutating func addExactly(_ key: UInt64) {
        if slotsUsed * 2 >= slots.count { grow() }
        guard let slot = freeSlot(key) else { return }
        slots[slot] = key + 1
        slotsUsed += 1
        if slotsUsed > Self.exactLimit { startRegisters() }
    }

    /// Where a new key belongs; nil when it is there already.
    private func freeSlot(_ key: UInt64) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key) & mask
        while slots[slot] != 0 {
            if slots[slot] == key + 1 { return nil }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        let keys = sortedKeys
        slots = Array(repeating: 0, count: max(16, slots.count * 2))
        for key in keys {
            if let slot = freeSlot(key) { slots[slot] = key + 1 }
        }
    }

    private mutating func startRegisters() {
        let keys = sortedKeys
        registers = Array(repeating: 0, count: Self.registerCount)
        slots = []
        slotsUsed = 0
        for key in keys { raise(key) }
    }

    /// What came, while it is few.
    var sortedKeys: [UInt64] { slots.filter { $0 != 0 }.map { $0 - 1 }.sorted() }

    package mutating func merge(_ other: DistinctCount) {
        if other.registers.isEmpty {
            for slot in other.slots where slot != 0 { add(hash: (slot - 1) << 24) }
            return
        }
        if registers.isEmpty { startRegisters() }
        for index in registers.indices { registers[index] = max(registers[index], other.registers[index]) }
    }

    package var isExact: Bool { registers.isEmpty }

    /// Exact up to `exactLimit`; above, Ertl's estimator (2017, algorithm 6), which needs no table of biases.
    package var estimate: Double {
        guard !registers.isEmpty else { return Double(slotsUsed) }
        var multiplicities = [Double](repeating: 0, count: Int(Self.rankBits) + 2)
        for register in registers { multiplicities[Int(register)] += 1 }
        let m = Double(Self.registerCount)
        var z = m * Self.tau(1 - multiplicities[Int(Self.rankBits) + 1] / m)
        for rank in (1...Int(Self.rankBits)).reversed() { z = 0.5 * (z + multiplicities[rank]) }
        z += m * Self.sigma(multiplicities[0] / m)
        return m * m / (2 * log(2) * z)
    }

    private static func sigma(_ share: Double) -> Double {
        guard share < 1 else { return .infinity }
        var (x, y, z, last) = (share, 1.0, share, -1.0)
        while z != last {
            x *= x
            last = z
            z += x * y
            y *= 2
        }
        return z
    }

    private static func tau(_ share: Double) -> Double {
        guard share > 0, share < 1 else { return 0 }
        var (x, y, z, last) = (share, 1.0, 1 - share, -1.0)
        while z != last {
            x = x.squareRoot()
            last = z
            y *= 0.5
            z -= (1 - x) * (1 - x) * y
        }
        return z / 3
    }
}

extension DistinctCount: Equatable {
    package static func == (a: DistinctCount, b: DistinctCount) -> Bool {
        a.slotsUsed == b.slotsUsed && a.registers == b.registers && a.sortedKeys == b.sortedKeys
    }
}
