/// The small, mergeable summary of one column over some rows: what monitoring keeps of a window instead of its rows.
///
/// Merging the profiles of two sets of rows gives exactly what one pass over both would: the same counts, extremes, sums,
/// moments and sketches to the bit, whatever the order and grouping. The one exception is which names without a cell of
/// their own are kept as common ones once there are more than `HeavyHitters.limit` of them.
package struct ColumnProfile: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case numeric(NumericProfile)
        case categorical(CategoryProfile)
    }

    /// All rows, whatever the column holds in them.
    package internal(set) var rows: Int
    /// Rows in which the column is absent or null.
    package internal(set) var missing: Int
    /// The other rows by the type of their value; in a numeric column, what is no number is of the wrong type.
    package internal(set) var types: TypeCounts
    // One of the two has one element, the other none: not an enum, because the payload of an enum is copied before it is
    // changed, and in arrays, so that to move a profile is to move a few words.
    var numbers: [NumericProfile]
    var names: [CategoryProfile]

    /// The profile of no rows.
    package init(anchors: ColumnAnchors) {
        let content: Content =
            switch anchors {
            case .numeric(let anchors): .numeric(NumericProfile(anchors: anchors))
            case .categorical(let anchors): .categorical(CategoryProfile(anchors: anchors))
            }
        self.init(rows: 0, missing: 0, types: TypeCounts(), content: content)
    }

    /// The profile of `values`.
    package init(_ values: some Sequence<ColumnValue>, anchors: ColumnAnchors) {
        self.init(anchors: anchors)
        for value in values { add(value) }
    }

    /// A profile as it was stored.
    init(rows: Int, missing: Int, types: TypeCounts, content: Content) {
        self.rows = rows
        self.missing = missing
        self.types = types
        switch content {
        case .numeric(let profile): (numbers, names) = ([profile], [])
        case .categorical(let profile): (numbers, names) = ([], [profile])
        }
    }

    package var content: Content {
        isNumeric ? .numeric(numbers[0]) : .categorical(names[0])
    }

    var isNumeric: Bool { !numbers.isEmpty }
    var numeric: NumericProfile? { numbers.first }
    var categories: CategoryProfile? { names.first }

    /// Adds the value of one row.
    package mutating func add(_ value: ColumnValue) {
        switch value {
        case .missing: addMissing()
        case .number(let number): add(number)
        case .text(let text): add(text)
        }
    }

    /// Adds rows that have no value.
    package mutating func addMissing(_ count: Int = 1) {
        rows += count
        missing += count
    }

    package mutating func add(_ number: Double) {
        rows += 1
        types.numbers += 1
        if isNumeric { numbers[0].add(number) } else { names[0].add(String(number)) }
    }

    package mutating func add(_ text: String, count: Int = 1) {
        rows += count
        types.texts += count
        if !isNumeric { names[0].add(text, count: count) }
    }

    package mutating func add(_ value: Bool, count: Int = 1) {
        rows += count
        if value { types.trues += count } else { types.falses += count }
        if !isNumeric { names[0].add(value ? "true" : "false", count: count) }
    }

    /// Adds the rows of another profile with the same anchors.
    package mutating func merge(_ other: ColumnProfile) {
        rows += other.rows
        missing += other.missing
        types.merge(other.types)
        precondition(isNumeric == other.isNumeric, "profiles with different anchors cannot be merged")
        if isNumeric { numbers[0].merge(other.numbers[0]) } else { names[0].merge(other.names[0]) }
    }

    // What follows looks into the profile where it is: a copy of one counts a dozen references.

    package var anchors: ColumnAnchors {
        isNumeric ? .numeric(numbers[0].anchors) : .categorical(names[0].anchors)
    }

    /// Rows in which a numeric column holds text or a truth value.
    package var mismatched: Int { isNumeric ? types.texts + types.bools : 0 }

    /// Rows that hold no usable value: missing, NaN, or of the wrong type.
    package var unusable: Int { missing + mismatched + notANumber }

    package var notANumber: Int { isNumeric ? numbers[0].notANumber : 0 }

    package var infinities: Int { isNumeric ? numbers[0].negativeInfinities + numbers[0].positiveInfinities : 0 }

    /// Usable values by cell of the anchors.
    package var cellCounts: [Int] {
        isNumeric ? numbers[0].counts : names[0].counts + [names[0].other]
    }
}
