import Foundation

/// The course of a metric of one run, in as many pieces as a chart has room for.
package struct Curve: Sendable, Hashable {
    /// What so many neighbouring points come to.
    package struct Piece: Sendable, Hashable {
        /// Where the first of them is.
        package let x: Double
        package let count: Int
        /// Of those that are finite; NaN when none is.
        package let mean: Double
        package let low: Double
        package let high: Double
    }

    package let key: String
    package let run: String
    /// In the order of x.
    package let pieces: [Piece]

    /// Whether any piece is of more points than one, so that it has a lowest and a highest.
    package var isCondensed: Bool { pieces.contains { $0.low < $0.high } }

    /// The exponential moving average of the points, without the pull of a beginning at zero (as Adam corrects its moments:
    /// Kingma and Ba, 2015, section 3). A piece counts as often as it has points, so that a curve is as smooth whether it is
    /// condensed or not. Pieces that are not numbers are passed over.
    /// - Parameter weight: what is kept of the former course at each point, from 0 below 1.
    package func smoothed(_ weight: Double) -> [Piece] {
        guard weight > 0 else { return pieces }
        var (sum, kept) = (0.0, 1.0)
        return pieces.map { piece in
            guard piece.mean.isFinite else { return piece }
            let part = pow(weight, Double(piece.count))
            sum = part * sum + (1 - part) * piece.mean
            kept *= part
            let mean = sum / (1 - kept)
            return Piece(x: piece.x, count: piece.count, mean: mean, low: mean, high: mean)
        }
    }
}
