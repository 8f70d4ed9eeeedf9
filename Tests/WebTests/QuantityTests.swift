import Testing
import Web
import Wire

@Suite struct QuantityTests {
    @Test(
        arguments: [
            (0.973684210, "0.9737"), (-0.5, "−0.5"), (0, "0"), (-0.0, "0"), (1, "1"), (12345.678, "12\u{202F}350"),
            (123456, "123\u{202F}500"), (0.00001234, "1.234e-5"), (0.0001234, "0.0001234"), (3.1e-7, "3.1e-7"),
            (1e15, "1e15"), (.nan, "NaN"),
            (-.infinity, "−∞"), (0.1 + 0.2, "0.3"), (999.96, "1000"), (.leastNonzeroMagnitude, "4.941e-324"),
            (1e300, "1e300"),
            (0.99999, "1"), (.greatestFiniteMagnitude, "1.798e308"),
        ] as [(Double, String)])
    func spellsNumbersInFourDigits(value: Double, text: String) {
        #expect(Quantity.number(value) == text)
    }

    @Test(arguments: [
        (0.5, "0.500"), (0, "0.000"), (-0.0625, "−0.062"), (12.3456, "12.346"), (0.0005, "0.001"), (0.0004, "0.0004"),
        (1234.5, "1230"), (.infinity, "∞"),
    ])
    func setsDecimalsUnderEachOther(value: Double, text: String) {
        #expect(Quantity.decimal(value) == text)
    }

    @Test(arguments: [
        (0, "0 %"), (0.00001, "< 0.01 %"), (0.0312, "3.1 %"), (0.127, "12.7 %"), (0.9996, "99.96 %"), (1, "100 %"),
    ])
    func spellsSharesInPercent(share: Double, text: String) {
        #expect(Quantity.percent(share) == text)
    }

    @Test(arguments: [(0, "< 0.0001"), (0.00012, "0.0001"), (0.1, "0.1000"), (1, "1.0000")])
    func neverRoundsAProbabilityToZero(probability: Double, text: String) {
        #expect(Quantity.pValue(probability) == text)
    }

    @Test(arguments: [
        (0, "0"), (9999, "9999"), (12345, "12\u{202F}345"), (-1_234_567, "−1\u{202F}234\u{202F}567"), (-7, "−7"),
        (Int.min, "−9\u{202F}223\u{202F}372\u{202F}036\u{202F}854\u{202F}775\u{202F}808"),
    ])
    func setsThousandsApart(value: Int, text: String) {
        #expect(Quantity.count(value) == text)
    }

    @Test(arguments: [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1_440_000, "1.44 MB"), (999_999, "1 MB")])
    func spellsSizes(value: Int, text: String) {
        #expect(Quantity.bytes(value) == text)
    }

    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (12_500, "12.5 s"), (200_000, "3 min 20 s"), (7_260_000, "2 h 1 min"),
        (187_200_000, "2 d 4 h"), (Int64.min, "−106751991167 d 7 h"),
    ])
    func spellsDurations(milliseconds: Int64, text: String) {
        #expect(Quantity.duration(milliseconds: milliseconds) == text)
    }

    @Test(arguments: [
        (0, "just now"), (-9, "just now"), (-10, "10 seconds ago"), (-60, "1 minute ago"), (-7200, "2 hours ago"),
        (-172_800, "2 days ago"), (-31_536_000, "12 months ago"), (-63_072_000, "2 years ago"), (7200, "in 2 hours"),
    ])
    func spellsAges(seconds: Int64, text: String) {
        let now = Timestamp(milliseconds: 1_795_232_843_120)
        let moment = Timestamp(milliseconds: now.milliseconds + seconds * 1000)
        #expect(Quantity.age(of: moment, now: now) == text)
    }

    @Test func survivesTheEndsOfTime() {
        let ends = [Int64.min, Int64.max, 0].map { Timestamp(milliseconds: $0) }
        for moment in ends {
            for now in ends { _ = Quantity.age(of: moment, now: now) }
            _ = HTML.time(moment)
        }
    }
}
