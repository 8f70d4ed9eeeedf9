/// The pass over a column in memory, a block at a time and a loop for each thing that is kept: each loop holds its state in
/// registers and has no branch that is hard to foresee.
extension NumericProfile {
    private static let blockSize = 512

    mutating func add(_ numbers: UnsafeBufferPointer<Double>, validity: UnsafePointer<UInt64>?) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.blockSize) { values in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.blockSize) { deviations in
                var row = 0
                while row < numbers.count {
                    let end = min(row + Self.blockSize, numbers.count)
                    let count = collect(numbers, row..<end, validity, values, deviations)
                    let block = UnsafeBufferPointer(rebasing: values[..<count])
                    addCells(block, UnsafeBufferPointer(rebasing: deviations[..<count]))
                    addShapes(block)
                    row = end
                }
            }
        }
    }

    /// Takes the numbers within the grid out of some rows, with their deviations; counts the others itself. Returns how many
    /// it took.
    private mutating func collect(
        _ numbers: UnsafeBufferPointer<Double>, _ rows: Range<Int>, _ validity: UnsafePointer<UInt64>?,
        _ values: UnsafeMutableBufferPointer<Double>, _ deviations: UnsafeMutableBufferPointer<Int>
    ) -> Int {
        guard let validity else { return collect(numbers, rows, values, deviations) { _ in 1 } }
        return collect(numbers, rows, values, deviations) { row in
            Int(truncatingIfNeeded: validity[row >> 6] >> UInt64(truncatingIfNeeded: row & 63) & 1)
        }
    }

    @inline(__always)
    private mutating func collect(
        _ numbers: UnsafeBufferPointer<Double>, _ rows: Range<Int>, _ values: UnsafeMutableBufferPointer<Double>,
        _ deviations: UnsafeMutableBufferPointer<Int>, present: (Int) -> Int
    ) -> Int {
        let (pivot, scale) = (anchors.grid.pivot, anchors.grid.scale)
        var count = 0
        for row in rows {
            let value = numbers[row]
            let units = (value - pivot) * scale
            if units.magnitude < NumericGrid.limit {
                // What is not there is overwritten by the next.
                values[count] = value
                deviations[count] = Int(units)
                count &+= present(row)
            } else if present(row) == 1 {
                addFar(value)
            }
        }
        return count
    }

    private mutating func addCells(_ values: UnsafeBufferPointer<Double>, _ deviations: UnsafeBufferPointer<Int>) {
        near.add(deviations)
        counts.withUnsafeMutableBufferPointer { counts in
            cellSums.withUnsafeMutableBufferPointer { cellSums in
                anchors.index.forEachCell(of: values, deviations) { cell, deviation in
                    counts[cell] &+= 1
                    cellSums[cell] &+= Int128(truncatingIfNeeded: deviation)
                }
            }
        }
    }

    private mutating func addShapes(_ values: UnsafeBufferPointer<Double>) {
        for value in values where value < extremes.least || value > extremes.greatest { widen(value) }
        quantiles.add(values)
        distinct.add(values)
    }
}
