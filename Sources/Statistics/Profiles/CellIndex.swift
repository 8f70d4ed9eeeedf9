/// Finds the cell of a number in a step or two: a table over evenly spaced keys says where to begin, and few comparisons
/// with the cuts there finish.
///
/// The key of a number is its deviation on the grid or, where cuts crowd towards zero, its bits in the order of numbers,
/// which space magnitudes evenly. Keys only guide the search; the comparisons are with the cuts themselves.
struct CellIndex: Sendable {
    private let usesBits: Bool
    /// Of the second entry; the first is for what lies below.
    private let firstKey: Int
    /// The keys in an entry are 2^`shift`.
    private let shift: Int
    /// By entry: how many cuts have keys of earlier ones.
    private let starts: [UInt16]
    /// So many comparisons decide between the cuts of one entry.
    let steps: Int
    /// The cuts, and then enough infinities to compare with.
    private let paddedCuts: [Double]

    private static let size = 2_048

    /// - Parameter deviation: of a cut on the grid, at the grid's end when it lies beyond.
    init(cuts: [Double], deviation: (Double) -> Int) {
        let byDeviation = CellIndex(cuts: cuts, keys: cuts.map(deviation), usesBits: false)
        guard byDeviation.steps > 2 else {
            self = byDeviation
            return
        }
        let byBits = CellIndex(cuts: cuts, keys: cuts.map(Self.orderedBits), usesBits: true)
        self = byBits.steps < byDeviation.steps ? byBits : byDeviation
    }

    private init(cuts: [Double], keys: [Int], usesBits: Bool) {
        self.usesBits = usesBits
        // The outermost cuts may lie far out, and make the entries wide.
        let inner = keys.count > 64 ? keys.dropFirst().dropLast() : keys[...]
        let first = inner.first ?? 0
        var shift = 0
        while ((inner.last ?? 0) &- first) >> shift >= Self.size - 2 { shift += 1 }
        (firstKey, self.shift) = (first, shift)
        var starts: [UInt16] = []
        for (cell, key) in keys.enumerated() {
            let entry = Self.entry(key, first, shift)
            if entry >= starts.count { starts += repeatElement(UInt16(cell), count: entry + 1 - starts.count) }
        }
        starts += repeatElement(UInt16(cuts.count), count: Self.size + 1 - starts.count)
        let widest = zip(starts, starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
        steps = Int(UInt16.bitWidth - widest.leadingZeroBitCount)
        self.starts = starts
        paddedCuts = cuts + repeatElement(.infinity, count: 1 << steps)
    }

    /// Ascends with the number; both zeros have 0. Keys are of 63 bits, so that their differences are of 64.
    @inline(__always)
    private static func orderedBits(_ value: Double) -> Int {
        let bits = Int(bitPattern: UInt(truncatingIfNeeded: (value + 0).bitPattern))
        return (bits ^ (bits &>> 63 & Int.max)) &>> 1
    }

    @inline(__always)
    private static func entry(_ key: Int, _ first: Int, _ shift: Int) -> Int {
        min(max((key &- first) &>> shift &+ 1, 0), size &- 1)
    }

    /// The cell of a number whose deviation on the grid is given.
    @inline(__always)
    func cell(of value: Double, deviation: Int) -> Int {
        var cell = Int(starts[Self.entry(usesBits ? Self.orderedBits(value) : deviation, firstKey, shift)])
        var step = steps
        while step > 0 {
            step &-= 1
            if paddedCuts[cell &+ (1 &<< step) &- 1] <= value { cell &+= 1 &<< step }
        }
        return cell
    }

    /// Calls `body` with the cell and the deviation of each number.
    @inline(__always)
    func forEachCell(
        of values: UnsafeBufferPointer<Double>, _ deviations: UnsafeBufferPointer<Int>, _ body: (Int, Int) -> Void
    ) {
        // With the kind of key and the number of comparisons known beforehand, each loop is straight.
        switch (usesBits, steps) {
        case (true, _): search(values, deviations, steps, body) { value, _ in Self.orderedBits(value) }
        case (false, 0...1): search(values, deviations, 1, body) { _, deviation in deviation }
        case (false, 2): search(values, deviations, 2, body) { _, deviation in deviation }
        case (false, _): search(values, deviations, steps, body) { _, deviation in deviation }
        }
    }

    @inline(__always)
    private func search(
        _ values: UnsafeBufferPointer<Double>, _ deviations: UnsafeBufferPointer<Int>, _ steps: Int,
        _ body: (Int, Int) -> Void, key: (Double, Int) -> Int
    ) {
        let (first, shift) = (firstKey, shift)
        starts.withUnsafeBufferPointer { starts in
            paddedCuts.withUnsafeBufferPointer { cuts in
                for index in values.indices {
                    let (value, deviation) = (values[index], deviations[index])
                    var cell = Int(starts[Self.entry(key(value, deviation), first, shift)])
                    var step = steps
                    while step > 0 {
                        step &-= 1
                        // A sum, since a choice would become a branch that is foreseen half of the time.
                        let isAbove = cuts[cell &+ (1 &<< step) &- 1] <= value
                        cell &+= (isAbove ? 1 : 0) &<< step
                    }
                    body(cell, deviation)
                }
            }
        }
    }
}
