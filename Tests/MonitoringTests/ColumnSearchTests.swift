import Incidents
import Testing
import Web
import Wire

@testable import Monitoring

struct ColumnSearchTests {
    private static func finding(_ name: String, _ effect: Double, _ verdict: Finding.Verdict = .fine) -> Finding {
        Finding(
            .drift, "drift", of: name, in: .whole, verdict: verdict, value: effect, measure: "share", rows: 100,
            referenceRows: 400, words: "")
    }

    private static func table(_ count: Int, _ search: ColumnSearch) -> String {
        let columns = (0..<count).map { number in
            finding("column \(number)", Double(number) / 2000, number == 3 ? .bad : .fine)
        }
        let windows = (1...60).map { number in
            MonitorWindow(
                monitor: "m", number: number, lane: TrafficSlice(model: "a", version: 1),
                start: Timestamp(milliseconds: 0), end: Timestamp(milliseconds: 1), rows: 100, findings: columns)
        }
        return DriftPage.table(columns, over: windows, seen: nil, path: "/monitors/m", search, query: "range=day").text
    }

    /// A thousand columns with their courses would be megabytes: forty are shown, the one that drifts first.
    @Test func aThousandColumnsAreShownFortyAtATime() throws {
        let page = Self.table(1000, .all)
        #expect(page.matches(of: /<tr><th scope="row"/).count == 40)
        #expect(page.contains("1–40 of 1\u{202F}000") || page.contains("1–40 of 1000"))
        #expect(page.utf8.count < 500_000)
        let drifting = try #require(page.firstRange(of: />column 3</))
        let largest = try #require(page.firstRange(of: />column 999</))
        #expect(drifting.lowerBound < largest.lowerBound)
        #expect(page.contains("href=\"/monitors/m?range=day&amp;columns_from=40\""))
    }

    @Test func columnsAreFoundByTheirWords() {
        let page = Self.table(1000, ColumnSearch(words: "COL 99", from: 0))
        // 99, 199 and so on, and 990 to 999.
        #expect(page.matches(of: /<tr><th scope="row"/).count == 19)
        #expect(Self.table(1000, ColumnSearch(words: "weight", from: 0)).contains("None of"))
    }

    @Test func beyondTheEndIsTheLastPage() {
        let search = ColumnSearch(words: "", from: 5_000)
        #expect(search.page(of: Array(0..<100)).shown == Array(0..<100)[80...])
        #expect(search.page(of: [Int]()).shown == [])
        #expect(ColumnSearch(words: "", from: -7).page(of: Array(0..<3)).from == 0)
    }

    @Test func fewColumnsNeedNoSearch() {
        #expect(!Self.table(5, .all).contains("<form"))
    }
}
