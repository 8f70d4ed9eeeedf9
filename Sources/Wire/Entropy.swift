import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes identifiers. The composition root passes the system's randomness; tests may pass their own.
package struct Entropy: Sendable {
    private let next: @Sendable () -> UInt64

    package init(_ next: @escaping @Sendable () -> UInt64) {
        self.next = next
    }

    /// The system's randomness, asked for a few hundred bytes at a time: it takes a call of the kernel.
    package static var system: Entropy {
        let reserve = Reserve()
        return Entropy { reserve.next() }
    }

    /// 64 random bits.
    package func bits() -> UInt64 { next() }

    /// 32 lower-case hexadecimal digits of 128 random bits: the form of MLflow's run ids.
    package func hexID() -> String {
        Self.hex(next()) + Self.hex(next())
    }

    /// 32 hexadecimal digits that sort by time: 48 bits of milliseconds, then 80 random bits (the layout of UUID 7).
    package func sortableID(at moment: Timestamp) -> String {
        let high = UInt64(bitPattern: moment.milliseconds) << 16 | next() >> 48
        return Self.hex(high) + Self.hex(next())
    }

    /// The moment that `sortableID` wrote into an identifier; nil for other text.
    package static func moment(ofSortableID id: String) -> Timestamp? {
        var id = id
        return id.withUTF8 { digits in
            guard digits.count == 32, let first = hexadecimalNumber(digits, 0),
                let second = hexadecimalNumber(digits, 8),
                hexadecimalNumber(digits, 16) != nil, hexadecimalNumber(digits, 24) != nil
            else { return nil }
            return Timestamp(milliseconds: Int64(first) << 16 | Int64(second) >> 16)
        }
    }

    private static func hex(_ bits: UInt64) -> String {
        withUnsafeBytes(of: bits.bigEndian) { $0.hexadecimal }
    }
}

extension Entropy {
    /// A source for everything of the standard library that takes one.
    package var generator: some RandomNumberGenerator { EntropyGenerator(entropy: self) }
}

/// Random numbers that nobody has been given yet.
private final class Reserve: Sendable {
    private let numbers = Mutex<[UInt64]>([])

    func next() -> UInt64 {
        numbers.withLock { numbers in
            if numbers.isEmpty { numbers = Self.draw() }
            return numbers.popLast() ?? .random(in: .min ... .max)
        }
    }

    /// As many as `getentropy(3)` gives at once; none when it fails.
    private static func draw() -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: 256 / MemoryLayout<UInt64>.size) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let isDrawn = bytes.baseAddress.map { getentropy($0, bytes.count) } == 0
            count = isDrawn ? buffer.count : 0
        }
    }
}

private struct EntropyGenerator: RandomNumberGenerator {
    let entropy: Entropy

    func next() -> UInt64 { entropy.bits() }
}
