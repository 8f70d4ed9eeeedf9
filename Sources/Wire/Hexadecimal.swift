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
