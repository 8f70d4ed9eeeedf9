import Manifests
import Predictions
import Serving
import Testing

@Suite struct LogPolicyManifestTests {
    private static func policy(_ log: String) throws -> LogPolicy {
        let yaml = """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: churn }
            spec:
              log: \(log)
            """
        let manifest = try #require(try Manifest.parse(yaml: yaml).first)
        return try LogPolicy(try ManifestFields(manifest.spec, keys: ["log"]).node("log"))
    }

    @Test func readsWhatIsKept() throws {
        let policy = try Self.policy("{ sample_percent: 12.5, mask: [email, 3], retention_days: 90, durability: disk }")
        #expect(
            policy
                == LogPolicy(
                    samplePercent: 12.5, mask: ColumnMask(["3", "email"]), retentionDays: 90, durability: .disk))
    }

    @Test func keepsEverythingForEverUnlessTold() throws {
        #expect(try Self.policy("{}") == .standard)
        #expect(LogPolicy.standard.samplePercent == 100)
        #expect(LogPolicy.standard.retentionDays == nil)
        #expect(LogPolicy.standard.durability == .process)
    }

    @Test(arguments: [
        ("{ sample_percent: 101 }", "sample_percent: expected a number from 0.0 to 100.0, got 101."),
        ("{ retention_days: 0 }", "retention_days: expected a whole number from 1 to 36500, got 0."),
        ("{ mask: email }", "mask: expected a list, got "), ("{ mask: [[a]] }", "expected the name of a column"),
        ("{ durability: power }", "durability: expected 'process' or 'disk', got \"power\"."),
        ("{ keep: 90 }", "there is no key 'keep' here"),
    ])
    func saysWhereItIsWrong(log: String, words: String) throws {
        let error = #expect(throws: ManifestError.self) { try Self.policy(log) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.lowercased().contains("line 5, column") == true)
    }
}
