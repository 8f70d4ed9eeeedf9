/// The form in which profiles are stored: a version, what all columns have, and then only what is not empty, in integers
/// of few bytes. Equal profiles have equal bytes. The anchors are not in it, since all profiles of a column share them.
extension ColumnProfile {
    static let version: UInt8 = 1

    package var bytes: [UInt8] {
        var writer = ProfileWriter()
        writer.byte(Self.version)
        writer.byte(isNumeric ? 0 : 1)
        for count in [missing, types.numbers, types.texts, types.trues, types.falses] { writer.count(count) }
        numeric?.write(to: &writer)
        categories?.write(to: &writer)
        return writer.bytes
    }

    /// - Parameter isOfCells: of numbers only counts and extremes are read, what a comparison with another profile takes: no sums,
    ///   quantiles or distinct values. Nothing can be added to such a profile, nor is it to be written.
    /// - Throws: `ProfileProblem` when the bytes are not those of a profile with these anchors.
    package init(bytes: [UInt8], anchors: ColumnAnchors, isOfCells: Bool = false) throws {
        var reader = ProfileReader(bytes)
        guard try reader.byte() == Self.version else { throw reader.problem("its version is not \(Self.version)") }
        let kind = try reader.byte()
        let missing = try reader.count()
        var types = TypeCounts()
        types.numbers = try reader.count()
        types.texts = try reader.count()
        types.trues = try reader.count()
        types.falses = try reader.count()
        let content: Content
        switch (anchors, kind) {
        case (.numeric(let anchors), 0):
            let profile =
                try isOfCells
                ? NumericProfile(cellsOf: anchors, from: &reader) : NumericProfile(anchors: anchors, from: &reader)
            guard profile.total + profile.notANumber == types.numbers else { throw reader.problem("its counts differ") }
            content = .numeric(profile)
        case (.categorical(let anchors), 1):
            let profile = try CategoryProfile(anchors: anchors, from: &reader)
            guard profile.total == types.total else { throw reader.problem("its counts differ") }
            content = .categorical(profile)
        default: throw reader.problem("its kind is not that of its anchors")
        }
        if !isOfCells { try reader.end() }
        self.init(rows: missing + types.total, missing: missing, types: types, content: content)
    }
}

extension CategoryProfile {
    func write(to writer: inout ProfileWriter) {
        writer.filled(counts)
        writer.count(other)
        newcomers.write(to: &writer)
        newcomerDistinct.write(to: &writer)
        writer.filled(newcomerShapes.lengths)
        newcomerShapes.shapes.write(to: &writer)
    }

    init(anchors: CategoryAnchors, from reader: inout ProfileReader) throws {
        self.init(anchors: anchors)
        for (cell, count) in try reader.filled(below: anchors.names.count) { counts[cell] = count }
        other = try reader.count()
        newcomers = try HeavyHitters(from: &reader)
        newcomerDistinct = try DistinctCount(from: &reader)
        let lengths = try reader.filled(below: StringShapes.lengthBucket(.max))
        var buckets = [Int](repeating: 0, count: (lengths.last?.index ?? -1) + 1)
        for (bucket, count) in lengths { buckets[bucket] = count }
        newcomerShapes = StringShapes(lengths: buckets, shapes: try HeavyHitters(from: &reader))
    }
}
