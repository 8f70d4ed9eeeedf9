/// Many rows at a time, as columnar readers hold them. A bit of `validity` says whether a row has a value, the first row
/// in the lowest bit of the first word; nil when every row has. Where there is no value, there may be anything.
extension ColumnProfile {
    /// Adds a number from each row.
    package mutating func add(_ numbers: UnsafeBufferPointer<Double>, validity: UnsafePointer<UInt64>? = nil) {
        let absent = validity.map { Self.zeros($0, count: numbers.count) } ?? 0
        addMissing(absent)
        rows += numbers.count - absent
        types.numbers += numbers.count - absent
        guard !isNumeric else {
            self.numbers[0].add(numbers, validity: validity)
            return
        }
        for (row, number) in numbers.enumerated() where Self.isValid(row, validity) { names[0].add(String(number)) }
    }

    package mutating func add(_ numbers: [Double]) {
        numbers.withUnsafeBufferPointer { add($0) }
    }

    /// Adds a name from each row, given as its place in `names`.
    package mutating func add(
        codes: UnsafeBufferPointer<UInt32>, names: [String], validity: UnsafePointer<UInt64>? = nil
    ) {
        var counts = [Int](repeating: 0, count: names.count)
        var added = 0
        for (row, code) in codes.enumerated() where Self.isValid(row, validity) {
            counts[Int(code)] += 1
            added += 1
        }
        addMissing(codes.count - added)
        for (name, count) in zip(names, counts) where count > 0 { add(name, count: count) }
    }

    /// Adds the text of one row from its bytes; what is not UTF-8 in it is replaced by U+FFFD.
    package mutating func add(utf8: UnsafeRawBufferPointer) {
        rows += 1
        types.texts += 1
        if !isNumeric { names[0].add(utf8: utf8) }
    }

    /// Adds a text from each of `count` rows; `text` gives its bytes and is asked only for rows that have one.
    package mutating func add(
        texts count: Int, validity: UnsafePointer<UInt64>? = nil, _ text: (Int) -> UnsafeRawBufferPointer
    ) {
        let absent = validity.map { Self.zeros($0, count: count) } ?? 0
        addMissing(absent)
        rows += count - absent
        types.texts += count - absent
        if !isNumeric { names[0].add(texts: count, validity: validity, text) }
    }

    @inline(__always)
    static func isValid(_ row: Int, _ validity: UnsafePointer<UInt64>?) -> Bool {
        validity.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 1 } ?? true
    }

    /// How many of the first `count` bits are 0.
    private static func zeros(_ words: UnsafePointer<UInt64>, count: Int) -> Int {
        var ones = 0
        for word in 0..<count >> 6 { ones += words[word].nonzeroBitCount }
        if count & 63 > 0 { ones += (words[count >> 6] & (1 << UInt64(count & 63) - 1)).nonzeroBitCount }
        return count - ones
    }
}

extension CategoryProfile {
    mutating func add(texts count: Int, validity: UnsafePointer<UInt64>?, _ text: (Int) -> UnsafeRawBufferPointer) {
        for row in 0..<count where ColumnProfile.isValid(row, validity) { add(utf8: text(row)) }
    }
}
