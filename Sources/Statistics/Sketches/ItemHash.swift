/// Hashes of values that are the same in every process and on every machine, so that sketches made apart can be merged.
package enum ItemHash {
    /// Of a finite number; both zeros are one value.
    @inline(__always)
    package static func of(_ number: Double) -> UInt64 {
        mix((number + 0).bitPattern)
    }

    /// Of a finite number under a name, given as its hash.
    @inline(__always)
    package static func of(_ number: Double, under name: UInt64) -> UInt64 {
        mix(name ^ of(number))
    }

    /// Adds the hash of each of some numbers under one name to the sum at its place.
    package static func add(
        _ numbers: UnsafeBufferPointer<Double>, under name: UInt64, to sums: UnsafeMutableBufferPointer<UInt64>
    ) {
        for (place, number) in numbers.enumerated() { sums[place] &+= of(number, under: name) }
    }

    /// Of a text's UTF-8.
    package static func of(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { of(UnsafeRawBufferPointer($0)) }
    }

    /// Of bytes: eight at a time, the last eight again in part, folded by the full product with a constant.
    @inline(__always)
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        let length = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        guard count >= 8 else { return mix(fold(length ^ few(bytes))) }
        var hash = length
        var place = 0
        while place &+ 8 < count {
            hash = fold(hash ^ word(bytes, place))
            place &+= 8
        }
        return mix(fold(hash ^ word(bytes, count &- 8)))
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }

    /// Fewer than eight bytes as one integer.
    @inline(__always)
    private static func few(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        guard count < 4 else {
            let first = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
            let last = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return UInt64(first) &<< 32 | UInt64(last)
        }
        guard count > 0 else { return 0 }
        return UInt64(bytes[0]) &<< 16 | UInt64(bytes[count &>> 1]) &<< 8 | UInt64(bytes[count &- 1])
    }

    @inline(__always)
    private static func fold(_ bits: UInt64) -> UInt64 {
        let (high, low) = (bits ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
        return high ^ low
    }

    /// A bijection in which every bit of the result depends on every bit of `bits` (splitmix64's; Stafford 2011).
    @inlinable
    @inline(__always)
    package static func mix(_ bits: UInt64) -> UInt64 {
        var z = bits &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
