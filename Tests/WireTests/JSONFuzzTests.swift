import Testing
import Wire

/// Random damage to real texts: parsing never crashes, and what it accepts it can write and read again.
@Suite struct JSONFuzzTests {
    private static let texts = [
        #"{"run_id":"4f","metrics":[{"key":"auc","value":0.973684210526,"timestamp":1795232843120,"step":-3}],"a":null}"#,
        #"{"dataframe_split":{"columns":["mean radius","é😀\u00e9\ud83d\ude00"],"data":[[17.99,1e-7],[NaN,-Infinity]]}}"#,
        #"[[[[[["deep",{"x":[{"y":[true,false]}]}]]]]],-0.0,9223372036854775807,1.7976931348623157e308]"#,
    ]
    private static let dictionary =
        Array(#"{}[]",:\/ubfnrt0123456789.eE+-NaInfity"#.utf8) + [0, 0x0A, 0x7F, 0xC3, 0xED, 0xFF]

    @Test(arguments: 0..<8 as Range<UInt64>)
    func damagedTextIsRefusedOrRoundTrips(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = Array((Self.texts.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) { damage(&bytes, &random) }
            guard let first = try? JSON.parse(bytes) else { continue }
            accepted += 1
            let written = first.bytes(nonFinite: .literal)
            let second = try JSON.parse(written)
            // Texts are compared, because NaN is not equal to itself.
            #expect(second.bytes(nonFinite: .literal) == written)
            #expect(try JSON.parse(first.prettyText).text == first.text)
        }
        #expect(accepted > 50)
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        guard let place = bytes.indices.randomElement(using: &random) else { return }
        let byte = Self.dictionary.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeSubrange(place...)
        default:
            let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
            bytes.insert(contentsOf: bytes[place..<end], at: bytes.indices.randomElement(using: &random) ?? 0)
        }
    }
}
