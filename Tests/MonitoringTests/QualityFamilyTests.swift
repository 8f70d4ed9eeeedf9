import Incidents
import Manifests
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct QualityFamilyTests {
    private static let reference: [ColumnValue] = {
        var numbers = SeededNumbers(seed: 1)
        return numbers.normals(1_000).map { .number($0) }
    }()
    private static let wards: [ColumnValue] = (0..<1_000).map { .text(["north", "south", "west"][$0 % 3]) }

    /// The findings on one column of a window, as `code verdict`.
    private func findings(
        _ values: [ColumnValue], reference: [ColumnValue] = reference, spec: String = "{endpoint: a}",
        start: Timestamp = now, now: Timestamp = now
    ) throws -> [Finding] {
        let view = try Windows(reference: ["x": reference], spec: spec).view(["x": values], start: start, now: now)
        return QualityFamily.findings(view, by: view.monitor.quality)
    }

    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let normal: [ColumnValue] = {
        var numbers = SeededNumbers(seed: 2)
        return numbers.normals(200).map { .number($0) }
    }()

    private func words(_ findings: [Finding]) -> [String] { findings.map { "\($0.code) \($0.verdict)" } }

    @Test func rowsLikeTheReferenceGiveNothing() throws {
        #expect(try findings(Self.normal).isEmpty)
        #expect(try findings(Array(Self.wards.prefix(200)), reference: Self.wards).isEmpty)
    }

    @Test func recordsThatAreDamagedAreNamedHoweverFewRowsAreLeft() throws {
        var view = try Windows(reference: ["x": Self.normal], spec: "{endpoint: a}").view(
            ["x": Array(Self.normal.prefix(5))], start: Self.now, now: Self.now)
        #expect(QualityFamily.findings(view, by: view.monitor.quality).isEmpty)
        view.record.unreadable = 3
        let found = QualityFamily.findings(view, by: view.monitor.quality)
        #expect(words(found) == ["unreadable_records notable"])
        #expect(found.first?.value == 3)
    }

    @Test(arguments: [
        (ColumnValue.missing, "missing"), (.number(.nan), "not_a_number"), (.number(.infinity), "infinite"),
        (.text("n/a"), "type_changed"), (.number(50), "out_of_range"),
    ])
    func aBurstOfBadCellsIsNamed(cell: ColumnValue, code: String) throws {
        let found = try findings(Self.normal.dropLast(30) + Array(repeating: cell, count: 30))
        #expect(words(found) == ["\(code) bad"])
        let finding = try #require(found.first)
        #expect(finding.subject == "x")
        #expect(finding.rows >= 170 && finding.referenceRows == 1_000)
        #expect(try #require(finding.pValue) < 1e-6)
        #expect(try #require(finding.value) >= 0.15)
        #expect(finding.words.contains("30 of"))
    }

    @Test func whatTheReferenceHasTooIsNoTrouble() throws {
        let reference = Self.reference.enumerated().map { $0.offset % 5 == 0 ? ColumnValue.missing : $0.element }
        let values = Self.normal.enumerated().map { $0.offset % 4 == 0 ? ColumnValue.missing : $0.element }
        #expect(try findings(values, reference: reference).isEmpty)
    }

    @Test func fewBadCellsAreWorthAWordAtMost() throws {
        // 4 % missing where the reference has none: surely more, yet within what the rule allows.
        let found = try findings(Self.normal.dropLast(8) + Array(repeating: .missing, count: 8))
        #expect(words(found) == ["missing notable"])
        #expect(try findings(Self.normal.dropLast(1) + [.missing]).isEmpty)
    }

    @Test func aFewMoreExtremesAreWhatMoreRowsBring() throws {
        #expect(try findings(Self.normal.dropLast(1) + [.number(4.5)]).isEmpty)
        #expect(
            try words(findings(Self.normal.dropLast(12) + Array(repeating: .number(-9), count: 12))) == [
                "out_of_range bad"
            ])
    }

    @Test func numbersALittleBeyondTheReferenceAreDriftUnlessTheManifestSaysOtherwise() throws {
        let wider = Self.normal.map { value in
            if case .number(let x) = value { ColumnValue.number(2 * x) } else { value }
        }
        let found = try words(findings(wider))
        #expect(found == ["out_of_range notable"])
        #expect(try words(findings(wider, spec: "{endpoint: a, quality: {range: 0.05}}")) == ["out_of_range bad"])
    }

    @Test func whatAReferenceOfProductionHasBeyondItsCellsIsNotBeyondItsRange() throws {
        // Cells are those of the first rows; the reference and the window came later, when it was warmer.
        let cells = ColumnAnchors(reference: Self.reference)
        func later(_ values: [ColumnValue], by more: Double) -> ColumnProfile {
            let moved = values.map { value in
                if case .number(let x) = value { ColumnValue.number(x + more) } else { value }
            }
            return ColumnProfile(moved, anchors: cells)
        }
        let reference = later(Self.reference, by: 20)
        #expect(ColumnQuality(reference: reference, window: later(Self.normal, by: 20)).changes.isEmpty)
        // What lies in a cell before those of the reference does not.
        let back = ColumnQuality(reference: reference, window: later(Self.normal, by: 0)).changes
        #expect(back.map(\.check) == [.range])
        #expect(back.first?.change.count == 200)
    }

    @Test func namesThatTheReferenceNeverHadAreUnseen() throws {
        let values = Array(Self.wards.prefix(180)) + Array(repeating: .text("east"), count: 20)
        #expect(try words(findings(values, reference: Self.wards)) == ["unseen_category bad"])
        // Where every other row of the reference has a name of its own, so has every other row of a window.
        let ids = (0..<200).map { ColumnValue.text($0.isMultiple(of: 2) ? "north" : "id \($0)") }
        let others = (0..<100).map { ColumnValue.text($0.isMultiple(of: 2) ? "north" : "other \($0)") }
        #expect(try findings(others, reference: ids).isEmpty)
    }

    @Test func oneValueInAllRowsIsConstant() throws {
        #expect(try words(findings(Array(repeating: .number(0.5), count: 60))) == ["constant bad"])
        #expect(
            try words(findings(Array(repeating: .text("south"), count: 60), reference: Self.wards)) == ["constant bad"])
        let rare = (0..<1_000).map { ColumnValue.text($0 == 0 ? "yes" : "no") }
        #expect(try findings(Array(repeating: .text("no"), count: 60), reference: rare).isEmpty)
        #expect(try findings(Array(repeating: .number(1), count: 60), reference: [.number(1), .number(1)]).isEmpty)
    }

    @Test func limitsAreTheManifests() throws {
        let values = Array(Self.normal.dropLast(30)) + Array(repeating: ColumnValue.missing, count: 30)
        #expect(try words(findings(values, spec: "{endpoint: a, quality: {missing: 0.2}}")) == ["missing notable"])
        #expect(try findings(values, spec: "{endpoint: a, quality: {missing: off}}").isEmpty)
        #expect(try findings(values, spec: "{endpoint: a, quality: {columns: {x: off}}}").isEmpty)
        #expect(
            try words(findings(values, spec: "{endpoint: a, quality: {missing: off, columns: {x: {missing: 0.1}}}}"))
                == ["missing bad"])
    }

    @Test func timesFarFromNowAreNamed() throws {
        let ahead = Self.now + .seconds(3 * 3_600)
        #expect(try words(findings(Self.normal, start: ahead)) == ["future_timestamps bad"])
        let behind = Timestamp(milliseconds: Self.now.milliseconds - 3 * 365 * 86_400_000)
        #expect(try words(findings(Self.normal, start: behind)) == ["late_timestamps bad"])
        #expect(try findings(Self.normal, spec: "{endpoint: a, quality: {late_days: 2000}}", start: behind).isEmpty)
    }

    @Test func columnsThatVanishOrAppearAreNamed() throws {
        let windows = try Windows(reference: ["x": Self.reference, "target": Self.wards, "y": Self.reference])
        let first = windows.window(["x": Self.normal, "y": Self.normal], number: 1)
        #expect(first.findings.filter { $0.family == .quality }.isEmpty, "The target never comes.")
        let second = windows.window(["x": Self.normal], number: 2, history: [first])
        #expect(words(second.findings.filter { $0.family == .quality }) == ["column_vanished bad"])
        let third = windows.window(["x": Self.normal, "z": Self.normal], number: 3, history: [second])
        let found = third.findings.filter { $0.family == .quality }
        #expect(words(found) == ["column_vanished bad", "column_appeared notable"])
        #expect(found.map(\.subject) == ["y", "z"])
    }

    @Test func emptyAndTinyWindowsSayNothing() throws {
        #expect(try findings([]).isEmpty)
        #expect(try findings([.missing]).isEmpty)
        let missing = try findings(Array(repeating: .missing, count: 50))
        #expect(words(missing) == ["missing bad"])
        #expect(missing.allSatisfy { $0.value?.isFinite ?? true })
        #expect(try words(findings(Self.normal, reference: [])).isEmpty)
        #expect(try words(findings(Self.normal, reference: [.missing])).isEmpty)
    }
}
