import TestSupport
import Testing
import Tracking
import Wire

@Suite(.timeLimit(.minutes(5))) struct SearchPropertyTests {
    @Test func whatIsWrittenDownIsReadBackAsTheSameTree() throws {
        var filters = RandomFilters(seed: 1)
        for _ in 0..<3000 {
            let filter = filters.filter(depth: 5)
            let text = filter.text
            #expect(try SearchGrammar.runs.filter(text) == filter, "\(text)")
        }
    }

    @Test func orderingsAreReadBackAsTheyWereWritten() throws {
        var filters = RandomFilters(seed: 2)
        for _ in 0..<500 {
            let orders = filters.orders()
            let texts = orders.map { "\($0.field.text) \($0.isAscending ? "ASC" : "DESC")" }
            #expect(try SearchGrammar.runs.orders(texts) == orders)
        }
    }

    /// Whatever drives the search: few candidates or many, one experiment or several, any order, any page.
    @Test(.everyEngine) func theDatabaseFindsWhatTheWordsSay() async throws {
        var random = RandomFilters(seed: 3)
        let fixture = try await TrackingFixture()
        let world = try await SearchWorld(runs: 70, in: fixture, random: &random)
        for _ in 0..<600 {
            var query = RunQuery(experimentIDs: random.pick([world.experiments, [.first], [.first, .first]]))
            query.filter = random.pick([
                .everything, random.filter(), random.filter(),
                .all([random.filter(depth: 1), random.filter(depth: 2)]),
            ])
            query.orders = random.orders()
            query.view = random.pick([.activeOnly, .activeOnly, .deletedOnly, .all])
            query.limit = random.pick([1, 5, 100])
            query.offset = random.pick([0, 0, 3, 20])
            let expected = world.ids(query)
            let page = try await fixture.runs.search(query, few: random.pick([0, 3, 1000]))
            let description = "\(query.filter.text) ORDER BY \(query.orders.map(\.field.text)) \(query)"
            #expect(
                page.elements.map(\.info.id) == Array(expected.dropFirst(query.offset).prefix(query.limit)),
                "\(description)")
            #expect((page.next != nil) == (expected.count > query.offset + query.limit), "\(description)")
            #expect(try await fixture.runs.count(query) == expected.count, "\(description)")
        }
    }

    @Test(.everyEngine) func everyConditionAndItsNegationPartTheRuns() async throws {
        var random = RandomFilters(seed: 4)
        let fixture = try await TrackingFixture()
        let world = try await SearchWorld(runs: 30, in: fixture, random: &random)
        func found(_ filter: SearchFilter) async throws -> [String] {
            var query = RunQuery(experimentIDs: world.experiments)
            query.view = .all
            query.filter = filter
            return try await fixture.runs.search(query).elements.map(\.info.id)
        }
        for _ in 0..<100 {
            let filter = random.filter(depth: 2)
            let parts = try await found(filter) + found(.not(filter))
            #expect(parts.sorted() == world.members.map(\.run.info.id).sorted(), "\(filter.text)")
        }
    }
}
