#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How rows with columns of any kind become points, learnt from a reference so that both sides are encoded alike.
///
/// A column of numbers becomes its distance from the reference's median in units of its interquartile range, drawn in beyond
/// ±4 so that one wild value does not outweigh all other columns; a column of text one coordinate for each of the reference's
/// commonest names and one for all others. A missing value stands at the middle, and in a coordinate of its own when the column
/// has any on either side.
package struct MixedEncoding: Sendable {
    /// For each coordinate the column it comes from.
    package let sources: [Int]
    private let encodings: [Encoding]

    private enum Encoding: Sendable {
        case number(median: Double, scale: Double, flagsMissing: Bool)
        case names([String: Int], flagsMissing: Bool)
    }

    /// The commonest names of a column that get a coordinate of their own.
    private static let nameLimit = 12

    /// Learns from a reference; `current` says only whether values can be missing.
    package init(reference: MixedRows, current: MixedRows) {
        var sources: [Int] = []
        var encodings: [Encoding] = []
        for column in reference.columns.indices {
            let values = reference.rows.map { $0[column] }
            let flagsMissing = [values, current.rows.map { $0[column] }].joined().contains { !Self.isPresent($0) }
            let encoding = Self.encoding(values, flagsMissing: flagsMissing)
            encodings.append(encoding)
            sources += Array(repeating: column, count: Self.width(encoding))
        }
        self.sources = sources
        self.encodings = encodings
    }

    private static func isPresent(_ value: ColumnValue) -> Bool {
        switch value {
        case .missing: false
        case .number(let number): number.isFinite
        case .text: true
        }
    }

    private static func encoding(_ values: [ColumnValue], flagsMissing: Bool) -> Encoding {
        var counts: [String: Int] = [:]
        for case .text(let name) in values { counts[name, default: 0] += 1 }
        guard counts.isEmpty else {
            let common = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(nameLimit)
            let places = zip(common.map(\.key), 0...)
            return .names(Dictionary(uniqueKeysWithValues: places), flagsMissing: flagsMissing)
        }
        let numbers = values.compactMap { if case .number(let number) = $0, number.isFinite { number } else { nil } }
        let sorted = numbers.sorted()
        let quartiles = [0.25, 0.75].map { QuantileMethod.linear.quantile($0, ofSorted: sorted) }
        let deviation = Moments(numbers).populationDeviation
        // The interquartile range of a normal law is 1.349 deviations.
        let scale = [(quartiles[1] - quartiles[0]) / 1.349, deviation].first { $0 > 0 } ?? 1
        return .number(
            median: sorted.isEmpty ? 0 : QuantileMethod.linear.quantile(0.5, ofSorted: sorted), scale: scale,
            flagsMissing: flagsMissing)
    }

    private static func width(_ encoding: Encoding) -> Int {
        switch encoding {
        case .number(_, _, let flagsMissing): flagsMissing ? 2 : 1
        case .names(let places, let flagsMissing): places.count + (flagsMissing ? 2 : 1)
        }
    }

    /// One point a row. The rows have the reference's columns in its order.
    package func points(_ rows: MixedRows) -> Matrix {
        var points = Matrix(rows: rows.rows.count, columns: sources.count)
        for (row, values) in rows.rows.enumerated() {
            var place = row * sources.count
            for (encoding, value) in zip(encodings, values) {
                Self.write(value, encoding, to: &points.elements, at: place)
                place += Self.width(encoding)
            }
        }
        return points
    }

    private static func write(_ value: ColumnValue, _ encoding: Encoding, to points: inout [Double], at place: Int) {
        switch encoding {
        case .number(let median, let scale, let flagsMissing):
            if case .number(let number) = value, number.isFinite {
                points[place] = drawnIn((number - median) / scale)
            } else if flagsMissing {
                points[place + 1] = 1
            }
        case .names(let places, let flagsMissing):
            // Two different names are √2 apart, as two rows of a column of numbers are in the mean square.
            if case .text(let name) = value {
                points[place + (places[name] ?? places.count)] = 1
            } else if case .number(let number) = value, number.isFinite {
                points[place + (places["\(number)"] ?? places.count)] = 1
            } else if flagsMissing {
                points[place + places.count + 1] = 1
            }
        }
    }

    /// Linear to ±4, by the logarithm beyond.
    private static func drawnIn(_ z: Double) -> Double {
        let size = abs(z)
        guard size > 4 else { return z }
        return (z < 0 ? -1 : 1) * (4 + log(size - 3))
    }
}
