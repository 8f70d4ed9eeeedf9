import Wire

/// The 128 bits of a request's id: 48 of milliseconds, 48 that tell requests of one moment apart, and a lot of 32.
struct RequestNumber: Sendable, Hashable, Comparable {
    var high: UInt64
    var low: UInt64

    /// Decides whether the request is in a sample.
    var lot: UInt32 { UInt32(truncatingIfNeeded: low) }

    static let digitCount = 32

    /// The id: 32 lower-case hexadecimal digits.
    var text: String {
        String(unsafeUninitializedCapacity: Self.digitCount) { text in
            for place in 0..<Self.digitCount { text[place] = digit(place) }
            return Self.digitCount
        }
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an id back; nil for any other text.
    init?(text: String) {
        guard text.utf8.count == Self.digitCount, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    static func < (smaller: RequestNumber, larger: RequestNumber) -> Bool {
        (smaller.high, smaller.low) < (larger.high, larger.low)
    }

    /// The digit at a place of the id, as a character.
    func digit(_ place: Int) -> UInt8 {
        let half = place < 16 ? high : low
        let value = UInt8(truncatingIfNeeded: half >> (60 - 4 * UInt64(place & 15)) & 15)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// Gives requests their ids, each larger than the one before, even within a millisecond and when the clock goes back.
///
/// Order matters more than randomness here: whoever reads the log after an id must never miss one that comes later. The lot
/// stays as it was drawn, because what is written of a request depends on it.
struct PredictionSequence: Sendable {
    /// The largest number given so far; zero before the first.
    private(set) var last: RequestNumber

    /// - Parameter last: the largest id given so far; nil when there is none.
    init(after last: RequestNumber? = nil) {
        self.last = last ?? RequestNumber(high: 0, low: 0)
    }

    /// The number that a request has unless another came first.
    static func draw(at moment: Timestamp, entropy: Entropy) -> RequestNumber {
        RequestNumber(high: UInt64(bitPattern: moment.milliseconds) << 16 | entropy.bits() >> 48, low: entropy.bits())
    }

    mutating func next(_ drawn: RequestNumber) -> RequestNumber {
        if drawn > last {
            last = drawn
        } else {
            let (low, overflow) = (last.low & ~0xFFFF_FFFF).addingReportingOverflow(1 << 32)
            last = RequestNumber(high: last.high &+ (overflow ? 1 : 0), low: low | UInt64(drawn.lot))
        }
        return last
    }
}
