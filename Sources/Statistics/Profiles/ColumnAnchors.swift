/// How the values of one column are sorted into cells: made once from the reference and then kept, so that profiles of
/// any windows can be compared and merged by adding counts.
package enum ColumnAnchors: Sendable, Equatable {
    case numeric(NumericAnchors)
    /// The names that have a cell of their own, the reference's commonest first; one more cell takes all other names.
    case categorical(names: [String])

    /// At most this many names get a cell of their own.
    package static let nameLimit = 255

    /// Numeric when every value that is there is a number, categorical otherwise (and when none is there).
    package init(reference values: some Collection<ColumnValue>) {
        var numbers: [Double] = []
        var counts: [String: Int] = [:]
        for value in values {
            switch value {
            case .missing: continue
            case .number(let number): numbers.append(number)
            case .text(let name): counts[name, default: 0] += 1
            }
        }
        guard !counts.isEmpty || numbers.isEmpty else {
            self = .numeric(NumericAnchors(reference: numbers))
            return
        }
        for number in numbers { counts[String(number), default: 0] += 1 }
        let commonest = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        self = .categorical(names: commonest.prefix(Self.nameLimit).map(\.key))
    }
}

/// Cut points of a numeric column. Cell 0 holds what is below the first cut, cell i what is in `cuts[i-1] ..< cuts[i]`,
/// the last cell what is at or above the last cut.
///
/// The cuts lie at values of the reference, from its least value to just above its greatest: the first and the last cell
/// hold what the reference never had. F is known exactly at every cut.
package struct NumericAnchors: Sendable, Equatable {
    /// Ascending, without repeats; empty when the reference had no finite number.
    package let cuts: [Double]
    /// Whether the reference had few values, each many times; then every cell between the ends is one value of it.
    package let isDiscrete: Bool

    package static let binLimit = 256
    /// A column is discrete up to this many distinct values, each seen `discreteRepeats` times on average.
    package static let discreteLimit = 20
    package static let discreteRepeats = 5

    package init(cuts: [Double], isDiscrete: Bool) {
        self.cuts = cuts
        self.isDiscrete = isDiscrete
    }

    /// Up to 256 bins with about the same number of reference values in each; NaN and infinities are left out.
    package init(reference values: some Sequence<Double>) {
        let sorted = values.filter(\.isFinite).sorted()
        var distinct: [Double] = []
        for value in sorted where value != distinct.last { distinct.append(value) }
        guard let greatest = distinct.last else {
            self.init(cuts: [], isDiscrete: false)
            return
        }
        let isFew = distinct.count <= Self.discreteLimit
        let isDiscrete = isFew && distinct.count * Self.discreteRepeats <= sorted.count
        guard distinct.count > Self.binLimit else {
            self.init(cuts: distinct + [greatest.nextUp], isDiscrete: isDiscrete)
            return
        }
        var cuts: [Double] = []
        for bin in 0..<Self.binLimit {
            let cut = sorted[bin * sorted.count / Self.binLimit]
            if cut != cuts.last { cuts.append(cut) }
        }
        self.init(cuts: cuts + [greatest.nextUp], isDiscrete: false)
    }

    package var cellCount: Int { cuts.count + 1 }

    /// The cell of a number; infinities lie beyond the ends. NaN has none and must not be asked for.
    package func cell(of value: Double) -> Int {
        cuts.partitioningIndex { $0 > value }
    }
}
