import Incidents
import Testing
import Wire

@Suite struct FindingTests {
    @Test func aFindingSurvivesBeingStored() throws {
        let finding = Finding(
            .drift, "drift", of: "age", in: TrafficSlice(model: "churn", version: 3, segment: "country = DE"),
            verdict: .bad, value: 0.31, expected: nil, limit: 0.2, measure: "jensen_shannon_distance_base2",
            test: "kolmogorov_smirnov", pValue: 0.0001, adjustedPValue: 0.004, rows: 500, referenceRows: 10_000,
            words: "age lies 0.31 from the reference.", details: ["bins": [1, 2]])
        #expect(try Finding(json: finding.json) == finding)
        let bare = Finding(.calls, "rows", verdict: .unknown, measure: "rows_per_minute", rows: 0, words: "No rows.")
        #expect(try Finding(json: JSON.parse(bare.json.text)) == bare)
        for finding in [finding, bare] { #expect(JSONText(writing: finding).text == finding.json.text) }
        #expect(JSONText(list: [finding, bare]).text == JSON.array([finding.json, bare.json]).text)
        let slice = TrafficSlice(variant: "main", segment: "x > \"1\"")
        #expect(JSONText(writing: slice).text == slice.json.text)
        // What is not said is left out: a null would be a value.
        #expect(bare.json["slice"] == Optional<JSON>.none)
        #expect(bare.json["details"] == Optional<JSON>.none)
    }

    @Test func aSliceIsSaidInWords() {
        #expect(TrafficSlice.whole.words == "all traffic")
        let slice = TrafficSlice(variant: "main", model: "churn", version: 3, segment: "country = DE")
        #expect(slice.words == "main, churn/3, country = DE")
    }
}
