import Manifests
import Testing
import Wire

@testable import Monitoring

struct RuleBookTests {
    private static func rules(_ spec: String) throws -> [RuleBook.Rule] {
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: { name: m }\nspec: \(spec)\n"
        let manifest = try #require(try Manifest.parse(yaml: yaml).first)
        return RuleBook(try Monitor(manifest), spec: manifest.spec.json, newest: nil).chapters.flatMap(\.rules)
    }

    private static func rule(_ key: String, _ spec: String) throws -> RuleBook.Rule {
        try #require(try rules(spec).first { $0.key == key })
    }

    @Test func whatIsNotSaidIsTheDefault() throws {
        let rules = try Self.rules("{ endpoint: e }")
        #expect(rules.allSatisfy { !$0.isDeclared }, "\(rules.filter(\.isDeclared))")
        #expect(rules.first { $0.key == "quality.missing" }?.words == "5 % of the rows more than in the reference")
        #expect(rules.first { $0.key == "alarms.false_alarms_per_month" }?.words == "1 at most, on average")
    }

    /// The thresholds of another tool are its own, and ours are not in force.
    @Test func anotherToolTakesNoLimits() throws {
        for mode in ["evidently", "nannyml"] {
            let keys = Set(try Self.rules("{ endpoint: e, drift: { mode: \(mode) } }").map(\.key))
            #expect(keys.isDisjoint(with: ["drift.minimum_effect", "drift.false_discovery_rate"]))
            #expect(keys.isSuperset(of: ["drift.mode", "drift.outputs"]))
        }
    }

    @Test(arguments: [
        ("alarms: { windows: 3, of: 4 }", "alarms.windows", "after 3 of 4 windows"),
        ("drift: { windows: 2 }", "alarms.windows", "after 2 windows in a row"),
        ("drift: { minimum_effect: 0.3 }", "drift.minimum_effect", "0.3 or more"),
        ("drift: { columns: { id: off } }", "drift.columns.id", "is not compared"),
        ("quality: { missing: off }", "quality.missing", "not looked at"),
        ("performance: { minimum: { recall: 0.9 } }", "performance.minimum.recall", "at least 0.9"),
        ("latency: { p99_ms: 250 }", "latency.p99_ms", "250 ms at most"),
        ("calls: { callers: { billing: { minimum_per_minute: 1 } } }", "calls.callers.billing", "at least 1 a minute"),
        ("cost: { disk_full_days: 3 }", "cost.disk_full_days", "in less than 3 days"), ("owner: ann", "owner", "ann"),
    ])
    func whatIsSaidIsOfTheManifest(spec: String, key: String, words: String) throws {
        let rule = try Self.rule(key, "{ endpoint: e, \(spec) }")
        #expect(rule.words == words)
        #expect(rule.isDeclared)
    }
}
