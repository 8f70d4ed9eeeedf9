package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Profiles as answers show them, and as they are stored where JSON is stored.
extension ColumnProfile {
    /// The ranks of the quantiles that are shown.
    package static let shownQuantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    /// So many of the commonest names are shown.
    package static let shownNames = 10

    /// What a person or a program reads of it: counts, moments, quantiles, the commonest names.
    package var summary: JSON {
        var members: [(String, JSON)] = [
            ("rows", .integer(Int64(rows))), ("missing", .integer(Int64(missing))),
            ("mismatched", .integer(Int64(mismatched))), ("types", types.json),
        ]
        if let numeric { members += numeric.members }
        if let categories { members += categories.members }
        return .members(members).finite
    }

    /// The summary and the whole state, from which the profile comes back to the bit.
    package var json: JSON {
        .members((summary.memberList ?? []) + [("state", .string(Data(bytes).base64EncodedString()))])
    }

    /// Reads `json`, and what was stored before sums were exact, which has sums and moments as doubles and no sketches.
    /// - Throws: `FieldProblem` or `ProfileProblem` when the JSON is not that of a profile with these anchors.
    package init(json: JSON, anchors: ColumnAnchors) throws {
        let fields = try Fields(json)
        guard let state = try fields.optionalString("state") else {
            try self.init(formerJSON: fields, anchors: anchors)
            return
        }
        guard let bytes = Data(base64Encoded: state) else {
            throw FieldProblem("The state of a profile is not base64.")
        }
        try self.init(bytes: Array(bytes), anchors: anchors)
    }
}

extension TypeCounts {
    fileprivate var json: JSON {
        [
            "number": .integer(Int64(numbers)), "text": .integer(Int64(texts)), "true": .integer(Int64(trues)),
            "false": .integer(Int64(falses)),
        ]
    }
}

extension NumericProfile {
    fileprivate var members: [(String, JSON)] {
        let moments = moments
        let quantiles = ColumnProfile.shownQuantiles.map { q in
            ("p\(Int(q * 100))", quantile(q).map { .double($0) } ?? JSON.null)
        }
        return [
            ("nan", .integer(Int64(notANumber))), ("negative_infinities", .integer(Int64(negativeInfinities))),
            ("positive_infinities", .integer(Int64(positiveInfinities))), ("under", .integer(Int64(under))),
            ("over", .integer(Int64(over))), ("minimum", minimum.map { .double($0) } ?? .null),
            ("maximum", maximum.map { .double($0) } ?? .null), ("mean", .double(mean)),
            ("deviation", .double(sampleVariance.squareRoot())), ("skewness", .double(moments.skewness)),
            ("excess_kurtosis", .double(moments.excessKurtosis)), ("quantiles", .members(quantiles)),
            ("distinct", .double(distinct.estimate.rounded())), ("distinct_exact", .bool(distinct.isExact)),
        ]
    }
}

extension CategoryProfile {
    fileprivate var members: [(String, JSON)] {
        let shapes = shapes
        let lengths = shapes.lengths.enumerated().filter { $1 > 0 }.map { bucket, count -> JSON in
            [.integer(Int64(StringShapes.leastLength(ofBucket: bucket))), .integer(Int64(count))]
        }
        return [
            ("other", .integer(Int64(other))), ("names", Self.json(commonest(ColumnProfile.shownNames))),
            ("newcomers", Self.json(newcomers.commonest(ColumnProfile.shownNames))),
            ("distinct", .double(distinct.rounded())), ("distinct_exact", .bool(newcomerDistinct.isExact)),
            ("lengths", .array(lengths)),
            ("shapes", Self.json(shapes.shapes.commonest(ColumnProfile.shownNames))),
        ]
    }

    private static func json(_ names: [(name: String, count: Int)]) -> JSON {
        .members(names.map { ($0.name, .integer(Int64($0.count))) })
    }
}
