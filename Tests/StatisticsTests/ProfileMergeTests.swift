import Statistics
import TestSupport
import Testing
import Wire

/// Whatever the rows, their order and their grouping: merging the profiles of the parts gives the profile of the whole, to
/// the last bit and byte.
@Suite struct ProfileMergeTests {
    static let references = ["normal", "lognormal", "heavy", "times", "discrete", "constant", "zero", "none", "huge"]

    static func reference(_ law: String, _ numbers: inout SeededNumbers) -> [Double] {
        (0..<600).map { _ in
            let z = numbers.normal()
            switch law {
            case "normal": return z
            case "lognormal": return z.magnitude < 0.1 ? 0 : 1000 * z * z * z * z
            case "heavy": return 1 / (numbers.uniform() - 0.5)
            case "times": return 1.7e9 + 1e5 * z
            case "discrete": return (z * 2).rounded()
            case "constant": return 0.1
            case "huge": return z * 1e308
            default: return law == "zero" ? 0 : .nan
            }
        }
    }

    /// Values near the reference's, far from them, and those that break things.
    private static func value(_ reference: [Double], _ numbers: inout SeededNumbers) -> ColumnValue {
        let base = reference[Int.random(in: 0..<reference.count, using: &numbers)]
        switch Int.random(in: 0..<24, using: &numbers) {
        case 0: return .missing
        case 1: return .text(["n/a", "", "ünknown"][Int.random(in: 0..<3, using: &numbers)])
        case 2: return .number([.nan, .infinity, -.infinity][Int.random(in: 0..<3, using: &numbers)])
        case 3: return .number(-0.0)
        case 4: return .number(Double(bitPattern: numbers.next()))
        case 5: return .number(base * 1e6)
        case 6...8: return .number(base.nextUp)
        default: return .number(base * (1 + 0.3 * numbers.normal()))
        }
    }

    @Test(arguments: references) func theOrderAndTheGroupingChangeNothing(law: String) throws {
        var numbers = SeededNumbers(seed: 7)
        let reference = Self.reference(law, &numbers)
        let anchors = ColumnAnchors.numeric(NumericAnchors(reference: reference))
        for _ in 0..<6 {
            let values = (0..<400).map { _ in Self.value(reference, &numbers) }
            let whole = ColumnProfile(values, anchors: anchors)
            let merged = Self.merged(values.shuffled(using: &numbers), anchors, &numbers)
            #expect(merged == whole)
            #expect(merged.bytes == whole.bytes)
            #expect(try ColumnProfile(bytes: whole.bytes, anchors: anchors) == whole)
            #expect(merged.summary.text == whole.summary.text)
        }
    }

    @Test func soItIsOfNames() throws {
        var numbers = SeededNumbers(seed: 3)
        let names = (0..<300).map { "name \($0)" }
        let anchors = ColumnAnchors.categorical(names: Array(names.prefix(100)))
        for _ in 0..<20 {
            let values = (0..<500).map { _ -> ColumnValue in
                let index = Int(numbers.normal().magnitude * 100)
                return index < names.count ? .text(names[index]) : [.missing, .number(4), .text("")][index % 3]
            }
            let whole = ColumnProfile(values, anchors: anchors)
            let merged = Self.merged(values.shuffled(using: &numbers), anchors, &numbers)
            #expect(merged == whole)
            #expect(merged.bytes == whole.bytes)
            #expect(try ColumnProfile(bytes: whole.bytes, anchors: anchors) == whole)
        }
    }

    /// Cuts the rows into parts, profiles each by itself, and merges them in some order, two and two.
    private static func merged(
        _ values: [ColumnValue], _ anchors: ColumnAnchors, _ numbers: inout SeededNumbers
    ) -> ColumnProfile {
        var parts: [ColumnProfile] = [ColumnProfile(anchors: anchors)]
        var rest = values[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...rest.count, using: &numbers)
            parts.append(ColumnProfile(rest.prefix(count), anchors: anchors))
            rest = rest.dropFirst(count)
        }
        while parts.count > 1 {
            let part = parts.remove(at: Int.random(in: parts.indices, using: &numbers))
            parts[Int.random(in: parts.indices, using: &numbers)].merge(part)
        }
        return parts[0]
    }

    @Test(arguments: references) func readingAColumnAtOnceIsReadingItRowByRow(law: String) {
        var numbers = SeededNumbers(seed: 9)
        let reference = Self.reference(law, &numbers)
        let anchors = ColumnAnchors.numeric(NumericAnchors(reference: reference))
        for count in [0, 1, 63, 64, 65, 700, 1_300] {
            let values = (0..<count).map { _ in Self.value(reference, &numbers) }
            let rowByRow = ColumnProfile(values.filter { if case .text = $0 { false } else { true } }, anchors: anchors)
            let present = values.compactMap { value -> Double?? in
                switch value {
                case .text: nil
                case .missing: .some(nil)
                case .number(let number): number
                }
            }
            var words = [UInt64](repeating: .max, count: present.count / 64 + 1)
            for (row, value) in present.enumerated() where value == nil { words[row >> 6] &= ~(1 << UInt64(row & 63)) }
            var atOnce = ColumnProfile(anchors: anchors)
            present.map { $0 ?? .nan }.withUnsafeBufferPointer { atOnce.add($0, validity: words) }
            #expect(atOnce == rowByRow)
            #expect(atOnce.bytes == rowByRow.bytes)
        }
    }

    @Test func codesAndBytesAreReadAsNames() {
        let anchors = ColumnAnchors.categorical(names: ["red", "green", "a name of more than eight bytes"])
        let names = ["green", "new", "red", "", "a name of more than eight bytes", "a name of more than eight bytez"]
        var numbers = SeededNumbers(seed: 1)
        let codes = (0..<200).map { _ in UInt32.random(in: 0..<6, using: &numbers) }
        var words = [UInt64](repeating: .max, count: 4)
        words[1] = 0x00FF_0F0F_F0F0_1234
        let values = codes.enumerated().map { row, code -> ColumnValue in
            words[row >> 6] >> UInt64(row & 63) & 1 == 1 ? .text(names[Int(code)]) : .missing
        }
        let want = ColumnProfile(values, anchors: anchors)
        var coded = ColumnProfile(anchors: anchors)
        codes.withUnsafeBufferPointer { coded.add(codes: $0, names: names, validity: words) }
        #expect(coded == want)
        var read = ColumnProfile(anchors: anchors)
        let bytes = names.joined().utf8.map { $0 }
        let starts = names.indices.map { names.prefix($0).reduce(0) { $0 + $1.utf8.count } }
        bytes.withUnsafeBytes { all in
            read.add(texts: codes.count, validity: words) { row in
                let code = Int(codes[row])
                return UnsafeRawBufferPointer(rebasing: all[starts[code]..<starts[code] + names[code].utf8.count])
            }
        }
        #expect(read == want)
    }

    @Test func ofMoreNamesThanAreKeptTheCommonStay() {
        let anchors = ColumnAnchors.categorical(names: ["known"])
        var parts = (0..<4).map { _ in ColumnProfile(anchors: anchors) }
        for row in 0..<8_000 { parts[row % 4].add(row % 5 == 0 ? "common" : "rare \(row)") }
        var merged = parts[0]
        for part in parts.dropFirst() { merged.merge(part) }
        guard case .categorical(let profile) = merged.content else {
            Issue.record("the column holds names")
            return
        }
        #expect(profile.other == 8_000)
        #expect(profile.commonest(1).first?.name == "common")
        #expect((profile.newcomers.counts["common"] ?? 0) >= 1_600 - 8_000 / (HeavyHitters.guaranteed + 1))
        #expect(abs(profile.distinct - 6_401) < 400)
        #expect(profile.newcomers.counts.count <= HeavyHitters.limit)
    }
}
