/// The small, mergeable summary of one column over some rows: what monitoring keeps of a window instead of its rows.
///
/// Merging the profiles of two sets of rows gives what one pass over both would: the same counts and extremes, sums and
/// moments up to rounding.
package struct ColumnProfile: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case numeric(NumericProfile)
        case categorical(CategoryProfile)
    }

    /// All rows, whatever the column holds in them.
    package private(set) var rows: Int
    /// Rows in which the column is absent or null.
    package private(set) var missing: Int
    /// Rows in which a numeric column holds text.
    package private(set) var mismatched: Int
    package private(set) var content: Content

    /// The profile of no rows.
    package init(anchors: ColumnAnchors) {
        let content: Content =
            switch anchors {
            case .numeric(let anchors): .numeric(NumericProfile(anchors: anchors))
            case .categorical(let names): .categorical(CategoryProfile(names: names))
            }
        self.init(rows: 0, missing: 0, mismatched: 0, content: content)
    }

    /// The profile of `values`.
    package init(_ values: some Sequence<ColumnValue>, anchors: ColumnAnchors) {
        self.init(anchors: anchors)
        for value in values { add(value) }
    }

    /// A profile as it was stored.
    package init(rows: Int, missing: Int, mismatched: Int, content: Content) {
        self.rows = rows
        self.missing = missing
        self.mismatched = mismatched
        self.content = content
    }

    /// Adds the value of one row.
    package mutating func add(_ value: ColumnValue) {
        rows += 1
        guard value != .missing else {
            missing += 1
            return
        }
        switch (content, value) {
        case (.numeric(var profile), .number(let number)):
            profile.add(number)
            content = .numeric(profile)
        case (.categorical(var profile), .number(let number)):
            profile.add(String(number))
            content = .categorical(profile)
        case (.categorical(var profile), .text(let name)):
            profile.add(name)
            content = .categorical(profile)
        case (.numeric, .text): mismatched += 1
        case (_, .missing): break
        }
    }

    /// Adds the rows of another profile with the same anchors.
    package mutating func merge(_ other: ColumnProfile) {
        rows += other.rows
        missing += other.missing
        mismatched += other.mismatched
        switch (content, other.content) {
        case (.numeric(var profile), .numeric(let more)):
            profile.merge(more)
            content = .numeric(profile)
        case (.categorical(var profile), .categorical(let more)):
            profile.merge(more)
            content = .categorical(profile)
        default: preconditionFailure("profiles with different anchors cannot be merged")
        }
    }

    package var anchors: ColumnAnchors {
        switch content {
        case .numeric(let profile): .numeric(profile.anchors)
        case .categorical(let profile): .categorical(names: profile.names)
        }
    }

    /// Rows that hold no usable value: missing, NaN, or of the wrong kind.
    package var unusable: Int {
        switch content {
        case .numeric(let profile): missing + mismatched + profile.notANumber
        case .categorical: missing + mismatched
        }
    }

    /// Usable values by cell of the anchors.
    package var cellCounts: [Int] {
        switch content {
        case .numeric(let profile): profile.counts
        case .categorical(let profile): profile.counts + [profile.other]
        }
    }
}
