import TestSupport
import Testing
import Tracking
import Wire

/// No text makes the parser fail in another way than with a place within the text.
@Suite(.timeLimit(.minutes(5))) struct FilterFuzzTests {
    private static let grammars: [SearchGrammar] = [.runs, .experiments, .loggedModels]

    private func check(_ text: String, in grammar: SearchGrammar) {
        let places = 1...text.unicodeScalars.count + 1
        do {
            _ = try grammar.filter(text)
        } catch let problem as FilterProblem {
            #expect(places.contains(problem.position), "\(problem.position) in '\(text)'")
            #expect(problem.code.status == 400)
        } catch {
            Issue.record(error, "\(text)")
        }
        do {
            _ = try grammar.orders([text])
        } catch let problem as FilterProblem {
            #expect(places.contains(problem.position), "\(problem.position) in order '\(text)'")
        } catch {
            Issue.record(error, "\(text)")
        }
    }

    @Test func anyBytesAreATreeOrAnErrorWithItsPlace() {
        var random = SeededNumbers(seed: 5)
        for round in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            check(String(decoding: bytes, as: UTF8.self), in: Self.grammars[round % 3])
        }
    }

    @Test func anyTokensAreATreeOrAnErrorWithItsPlace() {
        let tokens = [
            "(", ")", ",", "AND", "OR", "NOT", "IS", "NULL", "IN", "LIKE", "BETWEEN", "=", "!=", ">", "metrics.a",
            "params.b",
            "tags.`c d`", "name", "status", "best(", "max(metrics.a)", "'x'", "\"y\"", "1", "-2.5", "`z`", "metrics.",
            "é", "\u{301}",
        ]
        var random = SeededNumbers(seed: 6)
        for round in 0..<6000 {
            let words = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                tokens.randomElement(using: &random)
            }
            check(words.joined(separator: Bool.random(using: &random) ? " " : ""), in: Self.grammars[round % 3])
        }
    }

    @Test func changedFiltersAreATreeOrAnErrorWithItsPlace() {
        var filters = RandomFilters(seed: 7)
        for _ in 0..<3000 {
            var scalars = Array(filters.filter().text.unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &filters.random) {
                let place = Int.random(in: 0..<max(scalars.count, 1), using: &filters.random)
                switch Int.random(in: 0..<3, using: &filters.random) {
                case 0 where !scalars.isEmpty: scalars.remove(at: place)
                case 1 where !scalars.isEmpty: scalars.removeSubrange(place...)
                default:
                    scalars.insert(filters.pick(["(", ")", "'", "`", ".", " ", "\0", "a", "9", "\u{FE0F}"]), at: place)
                }
            }
            check(String(String.UnicodeScalarView(scalars)), in: .runs)
        }
    }

    @Test(
        arguments: [
            ("nested parentheses", String(repeating: "(", count: 30_000), "nested more than 16 deep"),
            ("nested NOT", String(repeating: "NOT ", count: 15_000) + "tags.a = 'b'", "nested more than 16 deep"),
            (
                "alternating", String(repeating: "NOT(", count: 15_000), "nested more than 16 deep"
            ),
            (
                "a hundred kilobytes", "tags.a = '" + String(repeating: "x", count: 100_000) + "'",
                "100011 characters, more than 65536"
            ),
            (
                "comparisons",
                Array(repeating: "m.a>1", count: 10_000).joined(separator: " OR ").replacing("m.", with: "metrics."),
                "characters, more than"
            ),
            (
                "many comparisons", Array(repeating: "tag.a='1'", count: 501).joined(separator: "OR "),
                "more than 500 comparisons"
            ),
            (
                "many values", "tags.a IN (" + String(repeating: "'1',", count: 4001) + ")", "more than 4000 values"
            ),
        ])
    func whatIsTooMuchIsRefusedWithItsPlace(what: String, text: String, reason: String) throws {
        let problem = try #require(throws: FilterProblem.self) { try SearchGrammar.runs.filter(text) }
        #expect(problem.message.contains(reason))
        #expect(problem.message.count < 1200)
    }

    @Test func asMuchAsIsAllowedIsSearched() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("a")
        try await fixture.runs.log(
            RunBatch(params: [Param(key: "p", value: "3999")], tags: [Tag(key: "t", value: "1")]), to: run, by: "ann")
        let values = (0..<3900).map { "'\($0 + 100)'" }.joined(separator: ",")
        let filters = [
            Array(repeating: "metrics.a > 1", count: 499).joined(separator: " OR ") + " OR tags.t = '1'",
            Array(repeating: "tags.t = '1'", count: 500).joined(separator: " AND "),
            "params.p IN (\(values)) AND tags.t IN ('1')",
            String(repeating: "(", count: 16) + "tags.t = '1'" + String(repeating: ")", count: 16),
            String(repeating: "NOT ", count: 16) + "tags.t = '1'",
            String(repeating: "tags.t = '1' AND (tags.t = '2' OR (", count: 8)
                + "dataset.context != 'x' OR metrics.a != 1 OR run_name = 'a'" + String(repeating: "))", count: 8),
            String(repeating: "tags.t = '1' AND NOT (tags.t = '2' OR ", count: 8) + "tags.t = '1'"
                + String(repeating: ")", count: 8),
        ]
        for text in filters {
            var query = RunQuery(experimentIDs: (0..<8192).map { ExperimentID($0) })
            query.filter = try SearchGrammar.runs.filter(text)
            for orders in [[], ["metrics.a", "params.p"]] {
                query.orders = try SearchGrammar.runs.orders(orders)
                let found = try await fixture.runs.search(query, few: 1000).elements
                #expect(found.map(\.info.id) == [run], "\(text.prefix(80))")
                #expect(try await fixture.runs.search(query, few: 0).elements.count == 1, "\(text.prefix(80))")
            }
        }
    }
}
