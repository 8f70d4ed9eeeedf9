#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// ADWIN (Bifet & Gavaldà 2007): a window that holds what came since the last change, and forgets its older part once two
/// parts of it have means that differ by more than chance allows. Tests, defaults and order of river 0.26.1.
///
/// The window is an exponential histogram: rows of buckets of 1, 2, 4, … values each, of which only sum and spread are kept.
package struct AdaptiveWindow: SequentialDetector {
    /// The chance of a false alarm in a test.
    package let delta: Double
    /// Values between tests.
    package let clock: Int
    /// Buckets of a row before two of them become one of the next row.
    package let bucketsPerRow: Int
    /// The least number of values in either part.
    package let minimumPart: Int
    /// The number of values below which nothing is tested.
    package let gracePeriod: Int
    /// By row, the oldest bucket first; the last row holds the oldest values.
    private var rows: [[Bucket]] = [[]]
    private var ticks = 0
    /// Values in the window.
    package private(set) var width = 0
    private var total = 0.0
    /// Σ (x − mean)² over the window.
    private var spread = 0.0
    package private(set) var isDrifting = false

    private struct Bucket: Sendable, Equatable, Codable {
        var total: Double
        var spread: Double
    }

    package init(
        delta: Double = 0.002, clock: Int = 32, bucketsPerRow: Int = 5, minimumPart: Int = 5, gracePeriod: Int = 10
    ) {
        self.delta = delta
        self.clock = clock
        self.bucketsPerRow = bucketsPerRow
        self.minimumPart = minimumPart
        self.gracePeriod = gracePeriod
    }

    /// The mean of the values in the window; 0 for none.
    package var mean: Double { width > 0 ? total / Double(width) : 0 }

    /// Unlike other detectors it keeps what it knows of the time after the change when it alarms.
    package mutating func update(_ value: Double) {
        if isDrifting {
            self = AdaptiveWindow(
                delta: delta, clock: clock, bucketsPerRow: bucketsPerRow, minimumPart: minimumPart,
                gracePeriod: gracePeriod)
        }
        rows[0].append(Bucket(total: value, spread: 0))
        width += 1
        if width > 1 {
            let former = Double(width - 1)
            let distance = value - total / former
            spread += former * distance * distance / Double(width)
        }
        total += value
        compress()
        ticks += 1
        guard ticks.isMultiple(of: clock), width > gracePeriod else { return }
        while dropsOldest() { isDrifting = true }
    }

    /// Makes two buckets of a row that is too long one of the next.
    private mutating func compress() {
        var row = 0
        while row < rows.count, rows[row].count > bucketsPerRow {
            if row + 1 == rows.count { rows.append([]) }
            let size = Double(1 << row)
            let (first, second) = (rows[row][0], rows[row][1])
            let distance = first.total / size - second.total / size
            let between = size * size * distance * distance / (size + size)
            rows[row + 1].append(
                Bucket(total: first.total + second.total, spread: first.spread + second.spread + between))
            rows[row].removeFirst(2)
            row += 1
        }
    }

    /// Cuts the window between any two buckets, from the oldest on, and drops the oldest one as soon as the means of both parts
    /// differ too much.
    private mutating func dropsOldest() -> Bool {
        var (older, olderTotal) = (0, 0.0)
        for row in rows.indices.reversed() {
            for (place, bucket) in rows[row].enumerated() {
                if row == 0, place == rows[0].count - 1 { return false }
                older += 1 << row
                olderTotal += bucket.total
                let newer = width - older
                guard older >= minimumPart, newer >= minimumPart else { continue }
                let distance = olderTotal / Double(older) - (total - olderTotal) / Double(newer)
                if abs(distance) > cut(older, newer) {
                    removeOldest()
                    return true
                }
            }
        }
        return false
    }

    /// ε_cut of the source: Bernstein's bound with the variance of the window.
    private func cut(_ older: Int, _ newer: Int) -> Double {
        let doubt = log(2 * log(Double(width)) / delta)
        let parts = 1 / Double(older - minimumPart + 1) + 1 / Double(newer - minimumPart + 1)
        return (2 * parts * spread / Double(width) * doubt).squareRoot() + 2.0 / 3 * doubt * parts
    }

    private mutating func removeOldest() {
        let last = rows.count - 1
        let size = 1 << last
        let bucket = rows[last].removeFirst()
        width -= size
        total -= bucket.total
        let distance = bucket.total / Double(size) - mean
        spread -= bucket.spread + Double(size * width) * distance * distance / Double(size + width)
        if rows[last].isEmpty, last > 0 { rows.removeLast() }
    }
}
