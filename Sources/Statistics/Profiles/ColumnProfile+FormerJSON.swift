import Wire

/// What was stored before sums were exact: counts exactly, sums and moments as doubles, neither types nor sketches.
extension ColumnProfile {
    init(formerJSON fields: Fields, anchors: ColumnAnchors) throws {
        let missing = try Self.count(fields, "missing")
        let present = try Self.count(fields, "rows") - missing
        var types = TypeCounts()
        let content: Content
        switch anchors {
        case .numeric(let anchors):
            content = .numeric(try NumericProfile(formerJSON: fields, anchors: anchors))
            types.texts = try Self.count(fields, "mismatched")
            types.numbers = present - types.texts
        case .categorical(let anchors):
            content = .categorical(try CategoryProfile(formerJSON: fields, anchors: anchors))
            types.texts = present
        }
        guard types.numbers >= 0, types.texts >= 0 else { throw FieldProblem("The counts of a profile differ.") }
        self.init(rows: missing + present, missing: missing, types: types, content: content)
    }

    fileprivate static func count(_ fields: Fields, _ name: String) throws -> Int {
        try count(.integer(fields.integer(name)), name)
    }

    fileprivate static func count(_ json: JSON, _ name: String) throws -> Int {
        guard let value = json.integerValue, value >= 0, value <= Int64(ProfileReader.countLimit) else {
            throw FieldProblem.invalid(name, json, expected: "a count")
        }
        return Int(value)
    }
}

extension NumericProfile {
    fileprivate init(formerJSON fields: Fields, anchors: NumericAnchors) throws {
        self.init(anchors: anchors)
        notANumber = try ColumnProfile.count(fields, "nan")
        negativeInfinities = try ColumnProfile.count(fields, "negative_infinities")
        positiveInfinities = try ColumnProfile.count(fields, "positive_infinities")
        let moments = try fields.array("moments").map { $0.doubleValue ?? .nan }
        guard moments.count == 5, moments.allSatisfy(\.isFinite) else { throw FieldProblem.missing("moments") }
        for triple in try fields.array("cells") {
            guard let parts = triple.arrayValue, parts.count == 3, let cell = parts[0].integerValue.map({ Int($0) }),
                counts.indices.contains(cell), let sum = parts[2].doubleValue, sum.isFinite
            else { throw FieldProblem.invalid("cells", triple, expected: "[cell, count, sum]") }
            let count = try ColumnProfile.count(parts[1], "cells")
            counts[cell] = count
            addFormer(count: cell == 0 ? count - negativeInfinities : count, sum: sum, cell: cell)
        }
        if finite > 0, let least = try fields.optionalDouble("minimum"), let most = try fields.optionalDouble("maximum")
        {
            extremes = (least, most)
        }
        near.setPowers(
            of: Moments(count: near.count, mean: moments[1], m2: moments[2], m3: moments[3], m4: moments[4]),
            anchors.grid)
    }

    /// Adds the numbers of one cell, of which no more is known, as if each were their mean.
    private mutating func addFormer(count: Int, sum: Double, cell: Int) {
        let isLast = cell == counts.count - 1
        let finite = isLast ? count - positiveInfinities : count
        guard finite > 0 else { return }
        let mean = sum / Double(finite)
        distinct.add(hash: ItemHash.of(mean))
        quantiles.add(mean, count: finite)
        guard let deviation = anchors.grid.deviation(of: mean) else {
            let (tier, deviation) = anchors.grid.farDeviation(of: mean)
            far[FarCell(tier: tier, cell: cell), default: PowerSums()].add(deviation, count: finite)
            return
        }
        cellSums[cell] = Int128(deviation) * Int128(finite)
        near.count += finite
        near.first += cellSums[cell]
    }
}

extension PowerSums {
    /// Sets the higher powers so that these moments come out, up to rounding.
    fileprivate mutating func setPowers(of moments: Moments, _ grid: NumericGrid) {
        let n = Double(moments.count)
        guard n > 0 else { return }
        let coarseScale = Double(sign: .plus, exponent: -PowerSums.coarseShift, significand: grid.scale)
        let fine = (moments.mean - grid.pivot) * grid.scale
        second = WideSum(nearest: moments.m2 * grid.scale * grid.scale + n * fine * fine)
        let (a, m2) = ((moments.mean - grid.pivot) * coarseScale, moments.m2 * coarseScale * coarseScale)
        let m3 = moments.m3 * coarseScale * coarseScale * coarseScale
        let m4 = moments.m4 * coarseScale * coarseScale * coarseScale * coarseScale
        coarseFirst = Int128(nearest: n * a)
        coarseSecond = Int128(nearest: m2 + n * a * a)
        coarseThird = Int128(nearest: m3 + 3 * a * m2 + n * a * a * a)
        coarseFourth = WideSum(nearest: m4 + 4 * a * m3 + 6 * a * a * m2 + n * a * a * a * a)
    }

    /// Adds the same value many times.
    fileprivate mutating func add(_ value: Int, count times: Int) {
        // By doubling: the sums of 2^k copies.
        var copies = PowerSums()
        copies.add(value)
        var rest = times
        while rest > 0 {
            if rest & 1 == 1 { merge(copies) }
            copies.merge(copies)
            rest >>= 1
        }
    }
}

extension Int128 {
    fileprivate init(nearest value: Double) {
        self = Int128(exactly: value.rounded()) ?? 0
    }
}

extension WideSum {
    fileprivate init(nearest value: Double) {
        let high = max(0, (value / 0x1p128).rounded(.down))
        self.init(low: UInt128(exactly: (value - high * 0x1p128).rounded()) ?? 0, high: UInt64(exactly: high) ?? 0)
    }
}

extension CategoryProfile {
    fileprivate init(formerJSON fields: Fields, anchors: CategoryAnchors) throws {
        self.init(anchors: anchors)
        let counts = try fields.array("counts").map { try ColumnProfile.count($0, "counts") }
        guard counts.count == anchors.names.count else { throw FieldProblem.missing("counts") }
        for (name, json) in try fields.value("newcomers")?.memberList ?? [] {
            add(name, count: try ColumnProfile.count(json, "newcomers"))
        }
        self.counts = counts
        other = try ColumnProfile.count(fields, "other")
    }
}
