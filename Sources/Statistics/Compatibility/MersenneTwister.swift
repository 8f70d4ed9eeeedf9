/// The generator MT19937 (Matsumoto & Nishimura 1998) with NumPy's seeding and its draws, so that tests by permutation that
/// fix their seed can be repeated number for number.
struct MersenneTwister {
    private var state: [UInt32]
    private var index = 624

    init(seed: UInt32) {
        state = [seed]
        for position in 1..<624 {
            let former = state[position - 1]
            state.append(1_812_433_253 &* (former ^ former >> 30) &+ UInt32(position))
        }
    }

    mutating func next() -> UInt32 {
        if index == 624 { twist() }
        var y = state[index]
        index += 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C_5680
        y ^= y << 15 & 0xEFC6_0000
        return y ^ y >> 18
    }

    private mutating func twist() {
        for position in 0..<624 {
            let y = state[position] & 0x8000_0000 | state[(position + 1) % 624] & 0x7FFF_FFFF
            state[position] = state[(position + 397) % 624] ^ y >> 1 ^ (y & 1 == 1 ? 0x9908_B0DF : 0)
        }
        index = 0
    }

    /// From 0 through `limit`: the least bits that hold it, drawn again while they exceed it.
    mutating func next(through limit: UInt32) -> UInt32 {
        guard limit > 0 else { return 0 }
        let mask = UInt32.max >> UInt32(limit.leadingZeroBitCount)
        while true {
            let value = next() & mask
            if value <= limit { return value }
        }
    }

    /// 0..<count in random order, by Fisher and Yates' exchange from the end.
    mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for position in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(position, Int(next(through: UInt32(position))))
        }
        return order
    }
}
