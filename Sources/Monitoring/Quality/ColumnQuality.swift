import Incidents
import Statistics

/// What the checks of a rule find in one column of a window, against the same column of the reference.
struct ColumnQuality {
    let reference: ColumnProfile
    let window: ColumnProfile

    /// What was counted by each check that applies to the column and of which there is anything.
    var changes: [(check: QualityRule.Check, change: ShareChange)] {
        var changes = [(QualityRule.Check.missing, change { $0.missing }), (.type, change { $0.mismatched })]
        switch (reference.content, window.content) {
        case (.numeric(let former), .numeric(let now)):
            changes += [
                (.nan, change { $0.notANumber }), (.infinite, change { $0.infinities }), (.range, range(former, now)),
            ]
        case (.categorical(let former), .categorical(let now)): changes.append((.unseen, unseen(former, now)))
        default: break
        }
        return changes.filter { $0.1.count > 0 }.map { (check: $0.0, change: $0.1) }
    }

    private func change(_ count: (ColumnProfile) -> Int) -> ShareChange {
        ShareChange(count(window), of: window.rows, reference: count(reference), of: reference.rows)
    }

    /// The cells before that of the reference's least number and behind that of its greatest hold what it never had; of
    /// infinities `infinite` tells. A reference of production may have cells of more rows, or of others, than its own.
    private func range(_ former: NumericProfile, _ now: NumericProfile) -> ShareChange {
        let cells = now.counts.indices
        let first = former.minimum.map(former.anchors.cell) ?? cells.lowerBound
        let last = former.maximum.map(former.anchors.cell) ?? cells.upperBound - 1
        let below = now.counts[..<first].reduce(0, +) - now.negativeInfinities
        let above = now.counts[(last + 1)...].reduce(0, +) - now.positiveInfinities
        let finite = now.total - now.negativeInfinities - now.positiveInfinities
        return ShareChange(
            below: max(0, below), above: max(0, above), of: finite,
            referenceRows: former.total - former.negativeInfinities - former.positiveInfinities)
    }

    /// Whether a number lies further beyond the reference's than these lie apart.
    var isFarOut: Bool {
        guard case .numeric(let former) = reference.content, case .numeric(let now) = window.content,
            let least = former.minimum, let greatest = former.maximum
        else { return false }
        let width = greatest - least
        return now.minimum.map { $0 < least - width } ?? false || now.maximum.map { $0 > greatest + width } ?? false
    }

    /// How often rows of the reference had a name that no other row of it had is how often a next row has a new one (Good
    /// and Turing).
    private func unseen(_ former: CategoryProfile, _ now: CategoryProfile) -> ShareChange {
        let once = former.counts.count { $0 == 1 }
        return ShareChange(now.other, of: now.total, reference: former.other + once, of: former.total)
    }

    /// The chance that so many rows hold one value only, when the reference's column has several; nil when they do not.
    var constancy: Double? {
        switch (reference.content, window.content) {
        case (.numeric(let former), .numeric(let now)):
            guard let least = now.minimum, least == now.maximum, former.minimum != former.maximum else { return nil }
            let cell = former.anchors.cell(of: least)
            return Self.chance(former.counts[cell], of: former.total, rows: now.total)
        case (.categorical(let former), .categorical(let now)):
            let filled = now.counts.indices.filter { now.counts[$0] > 0 }
            guard former.counts.count(where: { $0 > 0 }) > 1, now.total > 0 else { return nil }
            if filled.count == 1, now.other == 0 {
                return Self.chance(former.counts[filled[0]], of: former.total, rows: now.total)
            }
            guard filled.isEmpty, now.newcomers.counts.count == 1 else { return nil }
            return Self.chance(0, of: former.total, rows: now.total)
        default: return nil
        }
    }

    /// The first row may hold anything; all others must repeat it. The share is taken with one row more, so that a value that
    /// the reference never had is not impossible.
    private static func chance(_ count: Int, of total: Int, rows: Int) -> Double {
        var share = Double(count + 1) / Double(total + 2)
        var (power, chance) = (max(0, rows - 1), 1.0)
        while power > 0 {
            if !power.isMultiple(of: 2) { chance *= share }
            share *= share
            power /= 2
        }
        return chance
    }
}
