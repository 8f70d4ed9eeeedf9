import Statistics
import TestSupport
import Testing
import Wire

/// No bytes, however chosen, do more than be refused.
@Suite struct ProfileBytesTests {
    private static let anchors: [ColumnAnchors] = {
        var numbers = SeededNumbers(seed: 2)
        return [
            .numeric(NumericAnchors(reference: numbers.normals(500))), .numeric(NumericAnchors(reference: [])),
            .categorical(names: ["a", "b", "c"]),
        ]
    }()

    private static func profiles(_ anchors: ColumnAnchors) -> [ColumnProfile] {
        var numbers = SeededNumbers(seed: 4)
        var few = ColumnProfile(anchors: anchors)
        for value: ColumnValue in [.missing, .number(.nan), .number(1e200), .number(-3), .text("b"), .text("new")] {
            few.add(value)
        }
        var many = few
        for row in 0..<3_000 {
            many.add(row.isMultiple(of: 3) ? .text("text \(row % 300)") : .number(numbers.normal()))
        }
        return [ColumnProfile(anchors: anchors), few, many]
    }

    /// Reads bytes; of what is accepted everything must be computable, and it must be written as it was read.
    private func read(_ bytes: [UInt8], _ anchors: ColumnAnchors) {
        guard let profile = try? ColumnProfile(bytes: bytes, anchors: anchors) else { return }
        #expect((try? ColumnProfile(bytes: profile.bytes, anchors: anchors)) == profile)
        var twice = profile
        twice.merge(profile)
        #expect(twice.rows == 2 * profile.rows)
        #expect(!profile.summary.text.isEmpty)
        _ = ColumnDistances(reference: profile, window: twice)
        _ = ColumnDrift(reference: profile, window: twice)
    }

    @Test(arguments: [0, 1, 2]) func damagedBytesAreRefusedOrRead(place: Int) {
        let anchors = Self.anchors[place]
        var numbers = SeededNumbers(seed: 8)
        for profile in Self.profiles(anchors) {
            let bytes = profile.bytes
            #expect((try? ColumnProfile(bytes: bytes, anchors: anchors)) == profile)
            for end in bytes.indices.prefix(100) {
                #expect(throws: ProfileProblem.self) {
                    try ColumnProfile(bytes: Array(bytes[..<end]), anchors: anchors)
                }
            }
            #expect(throws: ProfileProblem.self) { try ColumnProfile(bytes: bytes + [0], anchors: anchors) }
            for _ in 0..<100 {
                var damaged = bytes
                for _ in 0...Int.random(in: 0..<3, using: &numbers) {
                    let place = Int.random(in: damaged.indices, using: &numbers)
                    damaged[place] =
                        [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &numbers)].randomElement(
                            using: &numbers) ?? 0
                }
                read(damaged, anchors)
            }
        }
    }

    @Test func arbitraryBytesAreRefusedOrRead() {
        var numbers = SeededNumbers(seed: 6)
        for _ in 0..<600 {
            let count = Int.random(in: 0..<80, using: &numbers)
            let kind = UInt8.random(in: 0...1, using: &numbers)
            let tail = (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.next() & numbers.next()) }
            for anchors in Self.anchors { read([1, kind] + tail, anchors) }
        }
    }

    @Test func aProfileIsNotReadWithOtherAnchors() {
        let bytes = ColumnProfile([.number(1)], anchors: Self.anchors[0]).bytes
        #expect(throws: ProfileProblem.self) { try ColumnProfile(bytes: bytes, anchors: Self.anchors[2]) }
        var other = bytes
        other[0] = 2
        #expect(throws: ProfileProblem.self) { try ColumnProfile(bytes: other, anchors: Self.anchors[0]) }
    }

    @Test func fortyColumnsOfAWindowFitInThirtyKilobytes() {
        var numbers = SeededNumbers(seed: 5)
        let anchors = TableAnchors(
            (0..<40).map { .init(name: "x\($0)", anchors: .numeric(NumericAnchors(reference: numbers.normals(2_000)))) }
        )
        var profile = TableProfile(anchors: anchors, sampleLimit: 0)
        for row in 0..<50 { profile.add(numbers.normals(40).columnValues, key: UInt64(row)) }
        #expect(profile.bytes.count < 40 * 900)
    }
}
