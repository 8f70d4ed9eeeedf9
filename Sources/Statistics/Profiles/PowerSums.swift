/// Exact sums of the first four powers of whole numbers of up to 62 bits, so independent of order and grouping.
///
/// The third and fourth power are summed of the upper 31 bits, together with that part's own first two powers: what is
/// needed for skewness and kurtosis without cancellation.
struct PowerSums: Sendable, Equatable {
    var count = 0
    var first: Int128 = 0
    var second = WideSum()
    var coarseFirst: Int128 = 0
    var coarseSecond: Int128 = 0
    var coarseThird: Int128 = 0
    var coarseFourth = WideSum()

    /// Bits that the coarse part leaves out.
    static let coarseShift = 31

    @inline(__always)
    mutating func add(_ value: Int) {
        count &+= 1
        first &+= Int128(truncatingIfNeeded: value)
        second.add(squareOf: value)
        let coarse = value &>> Self.coarseShift
        let square = coarse &* coarse
        coarseFirst &+= Int128(truncatingIfNeeded: coarse)
        coarseSecond &+= Int128(truncatingIfNeeded: square)
        coarseThird &+= Self.product(coarse, square)
        coarseFourth.add(squareOf: square)
    }

    /// Adds at most 2³² values, in loops whose sums stay in registers.
    mutating func add(_ values: UnsafeBufferPointer<Int>) {
        var (upper, lower) = (0, 0)
        var (squares, third) = (UInt128(0), Int128(0))
        var (wide, fourth) = (WideSum(), WideSum())
        for value in values {
            wide.add(squareOf: value)
            lower &+= value & (1 << Self.coarseShift - 1)
        }
        for value in values {
            let coarse = value &>> Self.coarseShift
            let square = coarse &* coarse
            upper &+= coarse
            squares &+= UInt128(truncatingIfNeeded: square)
            third &+= Self.product(coarse, square)
            fourth.add(squareOf: square)
        }
        count &+= values.count
        first &+= Int128(upper) << Int128(Self.coarseShift) &+ Int128(lower)
        second.merge(wide)
        coarseFirst &+= Int128(upper)
        coarseSecond &+= Int128(truncatingIfNeeded: squares)
        coarseThird &+= third
        coarseFourth.merge(fourth)
    }

    @inline(__always)
    private static func product(_ a: Int, _ b: Int) -> Int128 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return Int128(truncatingIfNeeded: high) &<< 64 | Int128(truncatingIfNeeded: low)
    }

    mutating func merge(_ other: PowerSums) {
        count += other.count
        first &+= other.first
        second.merge(other.second)
        coarseFirst &+= other.coarseFirst
        coarseSecond &+= other.coarseSecond
        coarseThird &+= other.coarseThird
        coarseFourth.merge(other.coarseFourth)
    }
}

/// A sum of non-negative integers of up to 124 bits, in 192 bits.
struct WideSum: Sendable, Equatable {
    var low: UInt128 = 0
    var high: UInt64 = 0

    @inline(__always)
    mutating func add(_ value: UInt128) {
        let (sum, overflow) = low.addingReportingOverflow(value)
        low = sum
        high &+= overflow ? 1 : 0
    }

    @inline(__always)
    mutating func add(squareOf value: Int) {
        let (high, low) = value.multipliedFullWidth(by: value)
        add(UInt128(truncatingIfNeeded: high) &<< 64 | UInt128(truncatingIfNeeded: low))
    }

    mutating func merge(_ other: WideSum) {
        add(other.low)
        high &+= other.high
    }

    var integer: WideInteger { WideInteger(low: low, high: high) }
}
