import Testing
import Wire

@testable import Console

@Suite struct OutputTests {
    @Test func aTableAlignsWordsLeftAndNumbersRight() {
        let table = Table(
            columns: ["name", "rows"], rows: [["churn", "7"], ["a", "1200"], ["b", "–"]], empty: "Nothing.")
        #expect(table.text == "NAME   ROWS\nchurn     7\na      1200\nb         –\n")
    }

    @Test func anEmptyTableSaysWhy() {
        let output = Output(["rows": []], table: Table(columns: ["name"], rows: [], empty: "No runs yet."))
        #expect(output.text(asJSON: false) == "No runs yet.\n")
        #expect(output.text(asJSON: true) == "{\n  \"rows\": []\n}\n")
    }

    @Test(arguments: [("a b/c", "a%20b%2Fc"), ("ü", "%C3%BC"), ("x-._~9", "x-._~9"), ("%", "%25")])
    func escapesAPathComponent(text: String, expected: String) {
        #expect(APIClient.escaped(text) == expected)
    }
}
