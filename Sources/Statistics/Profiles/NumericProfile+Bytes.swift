extension NumericProfile {
    func write(to writer: inout ProfileWriter) {
        writer.count(notANumber)
        writer.count(negativeInfinities)
        writer.count(positiveInfinities)
        writer.filled(counts)
        // Within a cell deviations differ little from that of its cut, which is known.
        for cell in counts.indices where counts[cell] > 0 {
            writer.signed(cellSums[cell] &- Int128(counts[cell]) &* Int128(anchors.deviation(ofCell: cell)))
        }
        near.write(to: &writer)
        let beyond = far.sorted { $0.key < $1.key }
        writer.count(beyond.count)
        for (key, sums) in beyond {
            writer.count(key.tier)
            writer.count(key.cell)
            writer.count(sums.count)
            writer.signed(sums.first)
            sums.write(to: &writer)
        }
        if finite > 0 {
            writer.double(extremes.least)
            writer.double(extremes.greatest)
        }
        quantiles.write(to: &writer)
        distinct.write(to: &writer)
    }

    init(anchors: NumericAnchors, from reader: inout ProfileReader) throws {
        self.init(anchors: anchors)
        notANumber = try reader.count()
        negativeInfinities = try reader.count()
        positiveInfinities = try reader.count()
        let filled = try reader.filled(below: counts.count)
        for (cell, count) in filled { counts[cell] = count }
        for (cell, count) in filled {
            cellSums[cell] = try reader.signed() &+ Int128(count) &* Int128(anchors.deviation(ofCell: cell))
        }
        try near.read(from: &reader)
        for _ in 0..<(try reader.elements(bytesEach: 10)) {
            let key = FarCell(tier: try reader.count(upTo: 255), cell: try reader.count(upTo: counts.count - 1))
            var sums = PowerSums()
            sums.count = try reader.count()
            sums.first = try reader.signed()
            try sums.read(from: &reader)
            guard far.updateValue(sums, forKey: key) == nil else { throw reader.problem("a cell comes twice") }
        }
        near.first = cellSums.reduce(0, &+)
        near.count = finite - far.values.reduce(0) { $0 + $1.count }
        guard near.count >= 0 else { throw reader.problem("its counts differ") }
        if finite > 0 { extremes = (try reader.finite(), try reader.finite()) }
        quantiles = try QuantileSketch(from: &reader)
        distinct = try DistinctCount(from: &reader)
        guard quantiles.count == finite else { throw reader.problem("its counts differ") }
    }
}

extension NumericProfile {
    /// Counts and extremes alone: no sums, quantiles or distinct values, and nothing can be added.
    init(cellsOf anchors: NumericAnchors, from reader: inout ProfileReader) throws {
        self.init(anchors: anchors, cellSums: [])
        notANumber = try reader.count()
        negativeInfinities = try reader.count()
        positiveInfinities = try reader.count()
        let filled = try reader.elements(bytesEach: 2)
        var cell = 0
        for _ in 0..<filled {
            cell += try reader.count(upTo: max(0, counts.count - cell))
            guard cell < counts.count else { throw reader.problem("a place is out of range") }
            counts[cell] = try reader.count()
            cell += 1
        }
        try reader.skipIntegers(filled + PowerSums.storedIntegers)
        for _ in 0..<(try reader.elements(bytesEach: 10)) { try reader.skipIntegers(4 + PowerSums.storedIntegers) }
        if finite > 0 { extremes = (try reader.finite(), try reader.finite()) }
    }
}

extension NumericAnchors {
    /// Of the cut below a cell; of the lowest cell, of the first cut.
    func deviation(ofCell cell: Int) -> Int {
        cuts.isEmpty ? 0 : grid.nearestDeviation(of: cuts[max(0, cell - 1)])
    }
}

extension PowerSums {
    /// What does not follow from the counts and sums of the cells.
    func write(to writer: inout ProfileWriter) {
        second.write(to: &writer)
        writer.signed(coarseFirst)
        writer.signed(coarseSecond)
        writer.signed(coarseThird)
        coarseFourth.write(to: &writer)
    }

    static let storedIntegers = 7

    mutating func read(from reader: inout ProfileReader) throws {
        second = try WideSum(from: &reader)
        coarseFirst = try reader.signed()
        coarseSecond = try reader.signed()
        coarseThird = try reader.signed()
        coarseFourth = try WideSum(from: &reader)
    }
}

extension WideSum {
    func write(to writer: inout ProfileWriter) {
        writer.unsigned(low)
        writer.unsigned(high)
    }

    init(from reader: inout ProfileReader) throws {
        self.init(low: try reader.unsigned(), high: try reader.unsigned())
    }
}
