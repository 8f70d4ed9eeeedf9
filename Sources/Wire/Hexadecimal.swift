extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    package var hexadecimal: String {
        let bytes = Array(self)
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (place, byte) in bytes.enumerated() {
                text[2 * place] = hexadecimalDigit(byte >> 4)
                text[2 * place + 1] = hexadecimalDigit(byte & 15)
            }
            return 2 * bytes.count
        }
    }
}

/// The lower-case digit of a number below 16.
func hexadecimalDigit(_ number: UInt8) -> UInt8 {
    number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + number - 10
}

/// The number that eight lower-case digits spell, all of them looked at at once; nil for any other text.
/// - Parameter place: of the first.
@inline(__always)
func hexadecimalNumber(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt32? {
    let bytes = UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: place, as: UInt64.self).bigEndian
    let one: UInt64 = 0x0101_0101_0101_0101
    // Digits are 0x30 and more, letters 0x61 and more.
    let letters = bytes &>> 6 & one
    let values = (bytes & (one &* 0x0F)) &+ letters &* 9
    let isInRange = (values &>> 4) & one == 0 && ((values &+ one &* 6) &>> 4) & one == letters
    guard isInRange, bytes & (one &* 0xF0) == (one &+ letters) &* 0x30 else { return nil }
    var packed = (values | values &>> 4) & 0x00FF_00FF_00FF_00FF
    packed = (packed | packed &>> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: packed | packed &>> 16)
}
