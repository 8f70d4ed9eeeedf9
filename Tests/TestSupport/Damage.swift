extension SeededNumbers {
    /// The same bytes with a few of them replaced, added, repeated or gone.
    /// - Parameter alphabet: what the parser under test has an eye on.
    package mutating func damaged(_ bytes: [UInt8], alphabet: String) -> [UInt8] {
        let bytesOfInterest = Array(alphabet.utf8) + [0, 0x7F, 0x80, 0xC0, 0xED, 0xFF]
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &self) {
            guard let place = bytes.indices.randomElement(using: &self) else { break }
            let byte = bytesOfInterest.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] = byte
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
            case 2: bytes.insert(byte, at: place)
            case 3: bytes.remove(at: place)
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            }
        }
        return bytes
    }
}
