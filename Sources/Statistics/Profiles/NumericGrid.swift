/// The fixed point in which a column's numbers are added up; made from the anchors alone, so that all profiles of a column
/// agree.
///
/// A number is represented by its deviation from `pivot`, in whole units of 2^(`exponent` − 62), cut off towards zero.
/// Sums of such integers do not depend on the order or grouping of their terms. The grid spans some thirty times the
/// width of the reference's middle, so a unit is about 2⁻⁵⁷ of that width: finer than the rounding of the doubles
/// themselves. Deviations of 2^`exponent` or more are taken on coarser grids (`tier`), each 2⁸ times the one before.
struct NumericGrid: Sendable {
    let pivot: Double
    let exponent: Int
    /// Units in 1.
    let scale: Double

    /// Bits of a deviation beside its sign.
    static let bits = 62
    /// The pivot is a multiple of so many halvings of the reach.
    private static let pivotBits = 20
    /// Each tier beyond the grid reaches 2⁸ times as far.
    static let tierBits = 8
    /// Deviations of so many units or more lie beyond the grid: 2⁶².
    static let limit = 4_611_686_018_427_387_904.0

    init(cuts: [Double]) {
        let middle = cuts.isEmpty ? 0 : cuts[cuts.count / 2]
        exponent = Self.exponent(cuts, middle: middle)
        // A round number: its last bits would be the same in each subtraction, and push all rounding one way.
        let step = Double(sign: .plus, exponent: exponent - Self.pivotBits, significand: 1)
        let round = (middle / step).rounded() * step
        pivot = round.isFinite ? round : middle
        scale = Double(sign: .plus, exponent: Self.bits - exponent, significand: 1)
    }

    /// The grid reaches 16 to 32 times as far as the middle three quarters of the cuts; of a constant, as far as
    /// twice that.
    private static func exponent(_ cuts: [Double], middle: Double) -> Int {
        guard let first = cuts.first, let last = cuts.last else { return 0 }
        let isShort = cuts.count < 8
        let low = isShort ? first : cuts[cuts.count / 8]
        let high = isShort ? last : cuts[cuts.count - 1 - cuts.count / 8]
        let halfWidth = high / 2 - low / 2
        let isConstant = cuts.count <= 2 || halfWidth == 0
        let reach = isConstant ? middle.magnitude : halfWidth
        guard reach > 0 else { return 0 }
        return reach.isFinite ? min(1_023, max(-900, Int(reach.exponent) + (isConstant ? 1 : 6))) : 1_023
    }

    /// The deviation of a finite number in units; nil beyond the grid.
    @inline(__always)
    func deviation(of value: Double) -> Int? {
        let units = (value - pivot) * scale
        guard units.magnitude < Self.limit else { return nil }
        return Int(units)
    }

    /// The deviation of a finite number, at the grid's end beyond it.
    func nearestDeviation(of value: Double) -> Int {
        deviation(of: value) ?? (value < pivot ? 1 - Int(Self.limit) : Int(Self.limit) - 1)
    }

    /// Where a finite number beyond the grid is counted: its tier, from 0, and its deviation in units of that tier, each
    /// 2^(8 (tier + 1)) of ours.
    func farDeviation(of value: Double) -> (tier: Int, deviation: Int) {
        // Of a quarter, since the difference of two doubles may be none.
        let quarter = value / 4 - pivot / 4
        let tier = max(0, (Int(quarter.exponent) + 2 - exponent) >> 3)
        let reach = exponent + Self.tierBits * (tier + 1)
        let units = quarter * Double(sign: .plus, exponent: Self.bits + 2 - reach, significand: 1)
        return (tier, Int(units))
    }

    /// A unit is 2 to the power of this.
    var unitExponent: Int { exponent - Self.bits }

    /// The deviation of so many units as a double.
    func double(_ units: Int128) -> Double { Double(units) / scale }
}
