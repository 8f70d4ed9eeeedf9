/// An integer of any size, for the few exact steps from sums of powers to moments.
struct WideInteger: Sendable, Equatable {
    private var isNegative: Bool
    /// From the lowest; no zeros on top.
    private var limbs: [UInt64]

    private init(isNegative: Bool, limbs: [UInt64]) {
        self.limbs = limbs
        while self.limbs.last == 0 { self.limbs.removeLast() }
        self.isNegative = isNegative && !self.limbs.isEmpty
    }

    init(_ value: Int128) {
        let magnitude = value.magnitude
        let limbs = [UInt64(truncatingIfNeeded: magnitude), UInt64(truncatingIfNeeded: magnitude >> 64)]
        self.init(isNegative: value < 0, limbs: limbs)
    }

    init(_ value: Int) { self.init(Int128(value)) }

    /// `high`·2¹²⁸ + `low`.
    init(low: UInt128, high: UInt64) {
        let limbs = [UInt64(truncatingIfNeeded: low), UInt64(truncatingIfNeeded: low >> 64), high]
        self.init(isNegative: false, limbs: limbs)
    }

    var isZero: Bool { limbs.isEmpty }

    static func + (a: WideInteger, b: WideInteger) -> WideInteger {
        guard a.isNegative != b.isNegative else {
            return WideInteger(isNegative: a.isNegative, limbs: added(a.limbs, b.limbs))
        }
        return isLess(a.limbs, b.limbs)
            ? WideInteger(isNegative: b.isNegative, limbs: subtracted(b.limbs, a.limbs))
            : WideInteger(isNegative: a.isNegative, limbs: subtracted(a.limbs, b.limbs))
    }

    static prefix func - (a: WideInteger) -> WideInteger { WideInteger(isNegative: !a.isNegative, limbs: a.limbs) }
    static func - (a: WideInteger, b: WideInteger) -> WideInteger { a + -b }

    static func * (a: WideInteger, b: WideInteger) -> WideInteger {
        var product = [UInt64](repeating: 0, count: a.limbs.count + b.limbs.count)
        for (i, x) in a.limbs.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in b.limbs.enumerated() {
                let term = UInt128(x) * UInt128(y) + UInt128(product[i + j]) + UInt128(carry)
                product[i + j] = UInt64(truncatingIfNeeded: term)
                carry = UInt64(truncatingIfNeeded: term >> 64)
            }
            product[i + b.limbs.count] = carry
        }
        return WideInteger(isNegative: a.isNegative != b.isNegative, limbs: product)
    }

    static func << (a: WideInteger, bits: Int) -> WideInteger {
        let (whole, rest) = (bits / 64, UInt64(bits % 64))
        var limbs = [UInt64](repeating: 0, count: whole)
        var carry: UInt64 = 0
        for limb in a.limbs {
            limbs.append(limb << rest | carry)
            carry = rest == 0 ? 0 : limb >> (64 - rest)
        }
        return WideInteger(isNegative: a.isNegative, limbs: limbs + [carry])
    }

    /// The double nearest to this · 2^`exponent` / (the product of `divisors`, all above 0); infinite beyond its range.
    func quotient(by divisors: UInt64..., exponent: Int = 0) -> Double {
        guard !isZero else { return 0 }
        let shift = 64 * (divisors.count + 1)
        var quotient = (self << shift).limbs
        var hasRest = false
        for divisor in divisors {
            var rest: UInt64 = 0
            for index in quotient.indices.reversed() {
                (quotient[index], rest) = divisor.dividingFullWidth((rest, quotient[index]))
            }
            hasRest = hasRest || rest > 0
            while quotient.last == 0 { quotient.removeLast() }
        }
        let top = quotient.count - 1
        let zeros = quotient[top].leadingZeroBitCount
        let next = top > 0 ? quotient[top - 1] : 0
        var head = quotient[top] << UInt64(zeros)
        if zeros > 0 { head |= next >> UInt64(64 - zeros) }
        hasRest = hasRest || next << UInt64(zeros) != 0 || quotient.prefix(max(0, top - 1)).contains { $0 != 0 }
        // The last of 64 bits is far below the last of 53, so it may say that there was more.
        if hasRest { head |= 1 }
        let power = 64 * top - zeros - shift + exponent
        return Double(sign: isNegative ? .minus : .plus, exponent: power, significand: Double(head))
    }

    private static func isLess(_ a: [UInt64], _ b: [UInt64]) -> Bool {
        guard a.count == b.count else { return a.count < b.count }
        for (x, y) in zip(a, b).reversed() where x != y { return x < y }
        return false
    }

    private static func added(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        var sum = long
        var carry: UInt64 = 0
        for index in sum.indices {
            let term = UInt128(sum[index]) + UInt128(index < short.count ? short[index] : 0) + UInt128(carry)
            sum[index] = UInt64(truncatingIfNeeded: term)
            carry = UInt64(truncatingIfNeeded: term >> 64)
        }
        return sum + [carry]
    }

    /// `a` is not less than `b`.
    private static func subtracted(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var difference = a
        var borrow: UInt64 = 0
        for index in difference.indices {
            let term = (index < b.count ? b[index] : 0, borrow)
            let (first, under) = difference[index].subtractingReportingOverflow(term.0)
            let (second, underAgain) = first.subtractingReportingOverflow(term.1)
            difference[index] = second
            borrow = under || underAgain ? 1 : 0
        }
        return difference
    }
}
