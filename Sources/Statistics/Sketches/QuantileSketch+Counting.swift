extension QuantileSketch {
    /// How many values are greater than `limit`, where those within `relativeError` of it may count on either side.
    package func count(above limit: Double) -> Int {
        var above = limit < 0 ? zeros : 0
        for (slot, count) in filled {
            let middle = Self.middle(of: slot / 2)
            if (slot % 2 == 1 ? -middle : middle) > limit { above += count }
        }
        return above
    }
}
