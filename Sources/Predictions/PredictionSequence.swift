import Wire

/// Gives requests their ids, each larger than the one before, even within a millisecond and when the clock goes back.
///
/// Order matters more than randomness here: whoever reads the log after an id must never miss one that comes later.
struct PredictionSequence: Sendable {
    private var last: String

    /// - Parameter last: the largest id given so far; an empty text when there is none.
    init(after last: String = "") {
        self.last = last
    }

    mutating func next(at moment: Timestamp, entropy: Entropy) -> String {
        let fresh = entropy.sortableID(at: moment)
        last = fresh > last ? fresh : Self.successor(of: last)
        return last
    }

    /// The next larger number in hexadecimal.
    private static func successor(of id: String) -> String {
        var digits = Array(id.utf8)
        for index in digits.indices.reversed() {
            switch digits[index] {
            case UInt8(ascii: "f"):
                digits[index] = UInt8(ascii: "0")
                continue
            case UInt8(ascii: "9"): digits[index] = UInt8(ascii: "a")
            default: digits[index] += 1
            }
            break
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
