/// Which points of a long curve are kept when only some can be.
enum Sampling {
    /// The places, counted from 0, of at most `limit` of `count` points, evenly spread: the first of each of `limit` equal
    /// portions (the first ones larger by one where it does not divide evenly, as SQL's NTILE has it), but the last point
    /// for the last portion. With a limit of 1 that is the last point alone.
    static func evenPlaces(count: Int, limit: Int) -> [Int] {
        guard count > limit else { return Array(0..<count) }
        let (size, larger) = count.quotientAndRemainder(dividingBy: limit)
        var places = (0..<limit).map { $0 * size + min($0, larger) }
        places[limit - 1] = count - 1
        return places
    }
}
