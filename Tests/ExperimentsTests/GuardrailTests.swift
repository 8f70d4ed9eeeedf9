import Experiments
import Manifests
import Testing
import Wire

@Suite struct GuardrailTests {
    @Test(arguments: [
        ("{ metric: latency_p99_ms, max: 50 }", Guardrail(.latency(quantile: 0.99), .max(50))),
        ("{ metric: latency_p50_ms, max_increase: 5 }", Guardrail(.latency(quantile: 0.5), .maxIncrease(5))),
        ("{ metric: error_rate, max_increase: 0.01 }", Guardrail(.errorRate, .maxIncrease(0.01))),
        ("{ metric: error_rate, max: 0.05 }", Guardrail(.errorRate, .max(0.05))),
        ("{ metric: conversion, max_decrease: 0.02 }", Guardrail(.reward("conversion"), .maxDecrease(0.02))),
    ])
    func guardrailsAreReadFromManifests(text: String, guardrail: Guardrail) throws {
        let read = try Guardrail(try Self.node(text))
        #expect(read == guardrail)
        #expect(try Guardrail(json: read.json) == guardrail)
    }

    @Test(arguments: [
        ("{ metric: error_rate }", "a guardrail has one bound"),
        ("{ metric: error_rate, max: 0.1, max_increase: 0.1 }", "a guardrail has one bound"),
        ("{ metric: error_rate, max: 5 }", "expected a number from 0.0001 to 0.9999"),
        ("{ metric: error_rate, max_decrease: 0.1 }", "'error_rate' has no 'max_decrease'"),
        ("{ metric: conversion, max: 0.1 }", "'conversion' has no 'max'"),
        ("{ metric: latency_p99_ms, maxx: 0.1 }", "there is no key 'maxx'"),
    ])
    func whatMakesNoSenseIsRefusedWithItsPlace(text: String, reason: String) throws {
        let node = try Self.node(text)
        let error = #expect(throws: ManifestError.self) { try Guardrail(node) }
        #expect(error?.message.contains(reason) == true)
        #expect(error?.message.contains("Line 5") == true)
    }

    static func node(_ text: String) throws -> ManifestNode {
        let yaml = "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: { name: churn }\nspec:\n  block: \(text)\n"
        let manifest = try #require(try Manifest.parse(yaml: yaml).first)
        return try ManifestFields(manifest.spec, keys: ["block"]).node("block")
    }
}
