/// One of 10,000 places to which a unit is hashed: the same place for the same unit and salt, on every server, for ever.
///
/// GrowthBook's second hash: FNV-1a with 32 bits over salt and unit, and again over the decimal digits of that, modulo
/// 10,000. It hashes the bytes of UTF-8, so that an id with an umlaut has one place whoever computes it; for ids in ASCII
/// the place is the one that GrowthBook's SDKs give.
package struct Bucket: Sendable, Hashable {
    package static let count = 10_000

    /// 0..<10,000.
    package let index: Int

    package init(unit: String, salt: String) {
        var first = FNV1a()
        first.add(salt.utf8)
        first.add(unit.utf8)
        var second = FNV1a()
        second.add(String(first.value).utf8)
        index = Int(second.value % UInt32(Self.count))
    }

    /// The place with this number.
    init(index: Int) {
        self.index = index
    }

    /// A place at random, for requests that are about nobody in particular.
    package init(using generator: inout some RandomNumberGenerator) {
        index = Int.random(in: 0..<Self.count, using: &generator)
    }
}

/// Fowler, Noll and Vo's hash of 32 bits, the variant 1a.
private struct FNV1a {
    var value: UInt32 = 0x811C_9DC5

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt32(byte)) &* 0x0100_0193 }
    }
}
