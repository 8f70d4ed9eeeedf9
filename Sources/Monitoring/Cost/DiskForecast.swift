import Statistics
package import Wire

/// When a disk will be full, if it fills as it did: a straight line through what was used, with an interval for its slope.
///
/// Ordinary least squares over the points; days to go are the space that is left by the slope. The ends of the interval are
/// those of the slope at 95 % (Student's t with n − 2 degrees of freedom): the fastest growth gives the earliest day.
package struct DiskForecast: Sendable, Hashable {
    package struct Point: Sendable, Hashable {
        package let time: Timestamp
        package let usedBytes: Int64
        package let totalBytes: Int64

        package init(time: Timestamp, usedBytes: Int64, totalBytes: Int64) {
            self.time = time
            self.usedBytes = usedBytes
            self.totalBytes = totalBytes
        }
    }

    package let last: Point
    package let points: Int
    package let bytesPerDay: Double
    /// Nil when the disk does not fill.
    package let days: Double?
    /// The earliest day of the interval; nil when even the fastest growth that is likely is none.
    package let earliestDays: Double?
    /// Nil when it is not sure that the disk fills at all.
    package let latestDays: Double?

    /// A trend over fewer points, or over less time, says nothing.
    package static let minimumPoints = 10
    package static let minimumSpanMs: Int64 = 3_600_000

    /// - Returns: nil when there are too few points.
    package init?(_ points: [Point]) {
        guard points.count >= Self.minimumPoints, let first = points.first, let last = points.last,
            last.time.milliseconds - first.time.milliseconds >= Self.minimumSpanMs
        else { return nil }
        let day = 86_400_000.0
        let x = points.map { Double($0.time.milliseconds - first.time.milliseconds) / day }
        let y = points.map { Double($0.usedBytes) }
        let count = Double(points.count)
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        let xx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        let xy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        let slope = xy / xx
        let residual = zip(x, y).reduce(0) { sum, point in
            let error = point.1 - meanY - slope * (point.0 - meanX)
            return sum + error * error
        }
        let error = (residual / (count - 2) / xx).squareRoot()
        let reach = StudentDistribution.quantile(0.975, degreesOfFreedom: count - 2) * error
        let left = Double(max(0, last.totalBytes - last.usedBytes))
        func days(_ slope: Double) -> Double? { slope > 0 ? left / slope : nil }
        self.last = last
        self.points = points.count
        bytesPerDay = slope
        self.days = days(slope)
        earliestDays = days(slope + reach)
        latestDays = days(slope - reach)
    }

    /// The day in words, such as `full in 12 days (9 to 18)`.
    package var words: String {
        guard let days else { return "the disk does not fill" }
        let latest = latestDays.map { $0.words(digits: 2) } ?? "never"
        return "full in \(days.words(digits: 2)) days (\((earliestDays ?? days).words(digits: 2)) to \(latest))"
    }
}

extension DiskForecast: JSONRepresentable {
    package var json: JSON {
        .compact([
            "used_bytes": .integer(last.usedBytes), "total_bytes": .integer(last.totalBytes),
            "bytes_per_day": .double(bytesPerDay), "full_in_days": days.map(JSON.double),
            "earliest_days": earliestDays.map(JSON.double), "latest_days": latestDays.map(JSON.double),
            "full_at": days.flatMap { days in
                days < 36_500 ? .integer(last.time.milliseconds + Int64(days * 86_400_000)) : nil
            },
            "points": .integer(Int64(points)), "words": .string(words),
        ])
    }
}
