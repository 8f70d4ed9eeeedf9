import Statistics

/// Some numbers of a stream whose length nobody knows: all of a short one, of a long one one of each stretch of 2^`level`, from
/// all over it. Which ones depends on their places alone.
///
/// The pick of a stretch is that of one of its halves, chosen by a hash, lest it keep step with the data. So when there are too
/// many, half of them are the sample of stretches twice as long.
struct StretchSample: Sendable {
    /// As soon as there are as many, half of them are kept: 128 at least for each of the 256 cells.
    static let limit = 65_536

    private(set) var numbers: [Double] = []
    private var level = 0
    private var seen = 0
    private var nextPick = 0

    /// - Parameter count: of numbers that will come, as far as is known.
    mutating func reserve(_ count: Int) {
        numbers.reserveCapacity(min(count, Self.limit))
    }

    mutating func add(_ more: UnsafeBufferPointer<Double>) {
        while nextPick < seen + more.count { take(more[nextPick - seen]) }
        seen += more.count
    }

    mutating func add(_ number: Double) {
        if seen == nextPick { take(number) }
        seen += 1
    }

    /// Of numbers that are all there.
    init(of all: [Double] = []) {
        // As long as the last pick that there is room for lies among the numbers, there are too many.
        while Self.place(Self.limit - 1, level) < all.count { level += 1 }
        nextPick = Self.place(0, level)
        while nextPick < all.count {
            numbers.append(all[nextPick])
            nextPick = Self.place(numbers.count, level)
        }
        seen = all.count
    }

    private mutating func take(_ number: Double) {
        numbers.append(number)
        if numbers.count == Self.limit {
            level += 1
            numbers = (0..<Self.limit / 2).map { numbers[Self.half($0, level)] }
        }
        nextPick = Self.place(numbers.count, level)
    }

    /// Which of the two stretches that make up a longer one, by number, it takes its pick from.
    private static func half(_ stretch: Int, _ level: Int) -> Int {
        2 * stretch + Int(ItemHash.mix(UInt64(stretch) ^ UInt64(level) << 48) & 1)
    }

    /// The place of the pick of a stretch.
    private static func place(_ stretch: Int, _ level: Int) -> Int {
        var place = stretch
        var level = level
        while level > 0 {
            place = half(place, level)
            level -= 1
        }
        return place
    }
}
