package import Wire

/// Which arm each of the 10,000 buckets belongs to.
///
/// Dealt anew, arms take neighbouring ranges in their order, as many buckets as their share in basis points. `changed` deals
/// only the buckets that must move: those that arms give up go to the arms that grow, and nobody else moves. So keep the
/// value across changes, rather than dealing anew, where there are more than two arms.
package struct Shares: Sendable, Hashable {
    private struct Range: Sendable, Hashable {
        var arm: Int
        /// The first bucket after it.
        var end: Int
    }

    /// In their order.
    package let arms: [String]
    /// In ascending order, up to 10,000.
    private let ranges: [Range]

    /// - Parameter shares: arms with different names and their basis points, adding up to 10,000.
    /// - Throws: `ExperimentError` otherwise.
    package init(_ shares: [(arm: String, basisPoints: Int)]) throws {
        try Self.check(shares)
        var end = 0
        var ranges: [Range] = []
        for (index, share) in shares.enumerated() where share.basisPoints > 0 {
            end += share.basisPoints
            ranges.append(Range(arm: index, end: end))
        }
        self.init(arms: shares.map(\.arm), ranges: ranges)
    }

    private init(arms: [String], ranges: [Range]) {
        self.arms = arms
        self.ranges = ranges
    }

    private static func check(_ shares: [(arm: String, basisPoints: Int)]) throws {
        let sum = shares.reduce(0) { $0 + $1.basisPoints }
        guard sum == Bucket.count, shares.allSatisfy({ $0.basisPoints >= 0 }) else {
            throw ExperimentError(.invalidParameterValue, "The shares of the arms add up to \(sum) of 10,000.")
        }
        guard Set(shares.map(\.arm)).count == shares.count else {
            throw ExperimentError(.invalidParameterValue, "Two arms have the same name.")
        }
    }

    /// The arm of a bucket, by binary search.
    package func arm(of bucket: Bucket) -> String {
        var low = 0
        var high = ranges.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].end > bucket.index { high = middle } else { low = middle + 1 }
        }
        return arms[ranges[low].arm]
    }

    /// How many of the buckets belong to an arm.
    package func basisPoints(of arm: String) -> Int {
        var start = 0
        var count = 0
        for range in ranges {
            if arms[range.arm] == arm { count += range.end - start }
            start = range.end
        }
        return count
    }

    /// The probability with which a unit is in an arm.
    package func probability(of arm: String) -> Double {
        Double(basisPoints(of: arm)) / Double(Bucket.count)
    }

    /// The same buckets dealt to new shares, and perhaps new arms, so that only Σ max(0, new − old) of them move.
    /// - Throws: `ExperimentError` as `init` does.
    package func changed(to shares: [(arm: String, basisPoints: Int)]) throws -> Shares {
        try Self.check(shares)
        var owners = [Int?](repeating: nil, count: Bucket.count)
        var left = shares.map(\.basisPoints)
        let places = Dictionary(uniqueKeysWithValues: shares.enumerated().map { ($1.arm, $0) })
        var start = 0
        for range in ranges {
            for bucket in start..<range.end {
                guard let arm = places[arms[range.arm]], left[arm] > 0 else { continue }
                owners[bucket] = arm
                left[arm] -= 1
            }
            start = range.end
        }
        var dealt: [Range] = []
        var growing = 0
        for (bucket, owner) in owners.enumerated() {
            while owner == nil, left[growing] == 0 { growing += 1 }
            let arm = owner ?? growing
            if owner == nil { left[arm] -= 1 }
            if dealt.last?.arm == arm {
                dealt[dealt.count - 1].end = bucket + 1
            } else {
                dealt.append(Range(arm: arm, end: bucket + 1))
            }
        }
        return Shares(arms: shares.map(\.arm), ranges: dealt)
    }
}

extension Shares: JSONRepresentable {
    package var json: JSON {
        [
            "arms": .strings(arms),
            "ranges": .array(ranges.map { [.integer(Int64($0.arm)), .integer(Int64($0.end))] }),
        ]
    }

    /// Reads back what `json` wrote.
    /// - Throws: `ExperimentError` when it is something else.
    package init(json: JSON) throws {
        let arms = json["arms"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let ranges = (json["ranges"]?.arrayValue ?? []).compactMap { pair -> Range? in
            guard let arm = pair.arrayValue?.first?.integerValue, let end = pair.arrayValue?.last?.integerValue,
                arms.indices.contains(Int(arm))
            else { return nil }
            return Range(arm: Int(arm), end: Int(end))
        }
        guard ranges.last?.end == Bucket.count, zip(ranges, ranges.dropFirst()).allSatisfy({ $0.end < $1.end }) else {
            throw ExperimentError(.internalError, "These are no shares: \(json.excerpt(80)).")
        }
        self.init(arms: arms, ranges: ranges)
    }
}
