import Testing
import Wire

@Suite struct JSONNumberTests {
    @Test(
        arguments: [
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9223372036854775808)),
            ("-9223372036854775809", .double(-9223372036854775809)),
            ("18446744073709551616", .double(18446744073709551616)), ("99999999999999999999", .double(1e20)),
            ("1.0", .double(1)), ("1e0", .double(1)), ("9007199254740993", .integer(9_007_199_254_740_993)),
        ] as [(String, JSON)])
    func keepsIntegersOf64BitsAndNoMore(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test(arguments: [
        "9007199254740993.0", "0.1", "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9406564584124654e-324",
        "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308",
        "1e309", "-1e400", "1e-400", "123456789012345.67", "0.000000000000000000000001", "1e23", "8.5e-23",
        "9.5367431640625e-7", "100000000000000000000000.5", "3.141592653589793238462643383279",
        "0.30000000000000004", "4503599627370497.5", "4503599627370497.501", "4503599627370496.499", "6.62607015e-34",
        "179769313486231580793e289",
        "0.00000000000000000000000000000000001e35",
    ])
    func readsTheNearestDouble(text: String) throws {
        let expected = try #require(Double(text))
        #expect(try JSON.parse(text).doubleValue?.bitPattern == expected.bitPattern)
    }

    @Test func everyDoubleSurvivesWritingAndReading() throws {
        var random = SplitMix(seed: 1)
        for index in 0..<100_000 {
            // Every tenth value is subnormal, every tenth has few digits; the rest are any bits at all.
            let value =
                switch index % 10 {
                case 0: Double(bitPattern: random.next() & 0x800F_FFFF_FFFF_FFFF)
                case 1: (Double(Int64(bitPattern: random.next() >> 20)) / 1000)
                default: Double(bitPattern: random.next())
                }
            guard value.isFinite else { continue }
            let text = JSON.double(value).text
            let read = try JSON.parse(text)
            guard case .double(let double) = read, double.bitPattern == value.bitPattern else {
                Issue.record("\(value) was written as \(text) and read as \(read)")
                return
            }
        }
    }

    @Test func numbersWithFewPlacesAreWrittenAsTheStandardLibraryWritesThem() {
        var random = SplitMix(seed: 3)
        for _ in 0..<100_000 {
            let digits = Int64(bitPattern: random.next()) >> (random.next() % 60 + 4)
            var power = 1.0
            for _ in 0..<(random.next() % 9) { power *= 10 }
            for value in [Double(digits) / power, (Double(digits) / power).nextUp] {
                guard JSON.double(value).text == value.description else {
                    Issue.record("\(value) was written as \(JSON.double(value).text)")
                    return
                }
            }
        }
    }

    @Test func decimalTextsOfAllLengthsAreReadAsTheStandardLibraryReadsThem() throws {
        var random = SplitMix(seed: 2)
        for _ in 0..<100_000 {
            let digits = Int(random.next() % 20) + 1
            var text = String((1...9).randomElement(using: &random) ?? 1)
            for _ in 0..<digits { text += String((0...9).randomElement(using: &random) ?? 0) }
            text.insert(".", at: text.index(text.startIndex, offsetBy: Int.random(in: 1...digits, using: &random)))
            if random.next().isMultiple(of: 2) { text = "-" + text }
            if random.next().isMultiple(of: 3) { text += "e\(Int.random(in: -330...320, using: &random))" }
            let expected = Double(text)
            guard let read = try? JSON.parse(text).doubleValue, read.bitPattern == expected?.bitPattern else {
                Issue.record("\(text) was not read as \(String(describing: expected))")
                return
            }
        }
    }

    @Test func readsANumberOfManyDigitsWithoutLosingItsPlace() throws {
        let long = String(repeating: "9", count: 100_000)
        #expect(try JSON.parse("[0.\(long), 1]") == [1.0, 1])
        #expect(try JSON.parse("[\(long)]") == [.double(.infinity)])
    }

    @Test func integersAndDoublesConvertOnlyWhenExact() {
        #expect(JSON.double(3).integerValue == 3)
        #expect(JSON.double(3.5).integerValue == nil)
        #expect(JSON.double(9.3e18).integerValue == nil)
        #expect(JSON.double(.nan).integerValue == nil)
        #expect(JSON.integer(.max).doubleValue == 9_223_372_036_854_775_807)
        #expect(JSON.string("3").integerValue == nil)
    }
}

/// A small generator whose sequence depends on its seed alone.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
