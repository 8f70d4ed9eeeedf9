import Foundation
import Wire

/// The reference numbers that the numerics are held to: cases with inputs, expected answers and tolerances, each naming
/// the library that computed it.
struct GoldenFile {
    let cases: [GoldenCase]

    /// The file beside the tests, or the one that MARTLET_GOLDEN names.
    static func load() throws -> GoldenFile {
        let named = ProcessInfo.processInfo.environment["MARTLET_GOLDEN"]
        let beside = Bundle.module.url(forResource: "stats-reference", withExtension: "json", subdirectory: "Fixtures")
        guard let url = named.map({ URL(fileURLWithPath: $0) }) ?? beside else { throw GoldenProblem("no golden file") }
        return try GoldenFile(JSON.parse(Data(contentsOf: url)))
    }

    private init(_ json: JSON) throws {
        guard json["format"]?.stringValue == "stats-golden-1", let cases = json["cases"]?.arrayValue else {
            throw GoldenProblem("not a file of format stats-golden-1")
        }
        let datasets = json["datasets"] ?? .null
        self.cases = try cases.map { try GoldenCase($0, datasets: datasets) }
    }
}

struct GoldenCase {
    let id: String
    let family: String
    let method: String
    let parameters: JSON
    let expected: JSON
    private let inputs: JSON
    private let datasets: JSON
    private let relative: Double
    private let absolute: Double

    init(_ json: JSON, datasets: JSON) throws {
        guard let id = json["id"]?.stringValue, let family = json["family"]?.stringValue,
            let method = json["method"]?.stringValue, let inputs = json["inputs"],
            let expected = json["expected"]
        else { throw GoldenProblem("a case lacks id, family, method, inputs or expected") }
        self.id = id
        self.family = family
        self.method = method
        self.inputs = inputs
        self.expected = expected
        self.datasets = datasets
        parameters = json["params"] ?? .null
        relative = json["tol"]?["rel"]?.doubleValue ?? 0
        absolute = json["tol"]?["abs"]?.doubleValue ?? 0
    }

    /// An input by name; a text that starts with @ stands for the data set of that name.
    func input(_ name: String) throws -> JSON {
        guard let value = inputs[name] else { throw GoldenProblem("\(id) has no input \(name)") }
        guard let reference = value.stringValue, reference.hasPrefix("@") else { return value }
        guard let dataset = datasets[String(reference.dropFirst())] else {
            throw GoldenProblem("\(id) names the unknown data set \(reference)")
        }
        return dataset
    }

    func numbers(_ name: String) throws -> [Double] {
        try input(name).arrayValue?.map { $0.number } ?? []
    }

    func parameter(_ name: String) throws -> Double {
        guard let value = parameters[name]?.doubleValue else { throw GoldenProblem("\(id) lacks \(name)") }
        return value
    }

    /// Where `got` differs from what is expected, the first such place; nil when it matches.
    func difference(_ got: JSON) -> String? {
        difference(got, expected, at: "")
    }

    private func difference(_ got: JSON?, _ want: JSON, at place: String) -> String? {
        guard let got else { return "\(place) is not there" }
        switch (got, want) {
        case (_, .object):
            for (key, value) in want.memberList ?? [] where key != "observed" && key != "required" {
                if let found = difference(got[key], value, at: "\(place).\(key)") { return found }
            }
            return nil
        case (.array(let elements), .array(let wanted)):
            guard elements.count == wanted.count else { return "\(place) has \(elements.count) elements" }
            for (index, pair) in zip(elements, wanted).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
            }
            return nil
        default: return matches(got, want) ? nil : "\(place) is \(got.text), not \(want.text)"
        }
    }

    private func matches(_ got: JSON, _ want: JSON) -> Bool {
        let (a, b) = (got.number, want.number)
        guard !b.isNaN else { return want.doubleValue == nil && want.stringValue != "NaN" ? got == want : a.isNaN }
        guard b.isFinite else { return a == b }
        return abs(a - b) <= absolute + relative * abs(b)
    }
}

struct GoldenProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension JSON {
    /// The number, also when it is spelt as one of the strings NaN, Infinity, -Infinity; NaN for anything else.
    var number: Double {
        doubleValue ?? stringValue.flatMap { ["Infinity": .infinity, "-Infinity": -.infinity][$0] } ?? .nan
    }

    static func numbers(_ values: [Double]) -> JSON { .array(values.map { .double($0) }) }
    static func integers(_ values: [Int]) -> JSON { .array(values.map { .integer(Int64($0)) }) }
    static func count(_ value: Int) -> JSON { .integer(Int64(value)) }
}
