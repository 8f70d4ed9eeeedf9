/// Counts, sums and sums of squares of the losses of some rows, around the mean of all.
struct PartSums {
    let rows: Int
    let sum: Double
    let squares: Double

    init(rows: Int, sum: Double, squares: Double) {
        (self.rows, self.sum, self.squares) = (rows, sum, squares)
    }

    /// Of so many rows with one loss, and so many with another.
    init(_ lower: Int, _ low: Double, _ higher: Int, _ high: Double) {
        let (a, b) = (Double(lower) * low, Double(higher) * high)
        self.init(rows: lower + higher, sum: a + b, squares: a * low + b * high)
    }

    /// Against those of all other rows.
    func loss(among all: PartSums) -> SliceLoss {
        let rest = PartSums(rows: all.rows - rows, sum: all.sum - sum, squares: all.squares - squares)
        return SliceLoss(inside: moments, outside: rest.moments)
    }

    private var moments: Moments {
        let mean = sum / Double(rows)
        return Moments(count: rows, mean: mean, m2: max(0, squares - sum * mean))
    }
}
