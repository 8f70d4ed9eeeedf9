import Foundation
import Testing
import Tracking

/// The filter grammar, specified by text scripts: each case is an input and the tree it means, or the error and its
/// place.
@Suite struct FilterScriptTests {
    @Test("means what the script says", arguments: try scripts())
    func meansWhatTheScriptSays(script: Script) throws {
        let grammar = try #require(grammars[script.grammar])
        for example in script.examples {
            #expect(
                meaning(of: example.input, in: grammar, isOrder: script.isOrder) == example.meaning, "\(example.input)")
        }
    }

    private func meaning(of input: String, in grammar: SearchGrammar, isOrder: Bool) -> String {
        do {
            if isOrder { return try grammar.orders([input]).map(\.description).joined(separator: "\n") }
            return try grammar.filter(input).outline.joined(separator: "\n")
        } catch let problem as FilterProblem {
            return "error at \(problem.position): \(problem.reason)"
        } catch {
            return "unexpected: \(error)"
        }
    }
}

private let grammars: [String: SearchGrammar] = [
    "runs": .runs, "experiments": .experiments, "logged-models": .loggedModels,
]

/// A file of Fixtures: cases set apart by empty lines, each an input after `> ` and its meaning in the lines below.
struct Script: Sendable, CustomTestStringConvertible {
    struct Example: Sendable {
        let input: String
        let meaning: String
    }

    /// `runs`, `experiments` …, and ` orders` for orderings.
    let name: String
    let examples: [Example]

    var grammar: String { String(name.split(separator: ".")[0]) }
    var isOrder: Bool { name.hasSuffix(".orders") }
    var testDescription: String { name }

    init(name: String, text: String) throws {
        self.name = name
        examples = text.split(separator: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }
            guard let first = lines.first, first.hasPrefix(">") else { return nil }
            let input = first.dropFirst(2).replacing("\\n", with: "\n").replacing("\\t", with: "\t")
            return Example(input: String(input), meaning: lines.dropFirst().joined(separator: "\n"))
        }
    }
}

private func scripts() throws -> [Script] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "script" }
        .map { file in
            try Script(
                name: file.deletingPathExtension().lastPathComponent, text: String(contentsOf: file, encoding: .utf8))
        }
        .sorted { $0.name < $1.name }
}

extension SearchFilter {
    /// The tree, a line each; what is inside of what by two blanks. The conditions of a mere conjunction stand alone.
    fileprivate var outline: [String] {
        if self == .everything { return ["everything"] }
        if case .all(let filters) = self { return filters.flatMap(\.branch) }
        return branch
    }

    private var branch: [String] {
        switch self {
        case .condition(let condition): [condition.description]
        case .not(let filter): ["not"] + filter.branch.map { "  " + $0 }
        case .all(let filters): ["all"] + filters.flatMap(\.branch).map { "  " + $0 }
        case .any(let filters): ["any"] + filters.flatMap(\.branch).map { "  " + $0 }
        }
    }
}

extension SearchField {
    fileprivate var description: String {
        "\(aggregate.map { "\($0.rawValue) of " } ?? "")\(entity.rawValue) \(key)"
    }
}

extension SearchFilter.Condition {
    fileprivate var description: String {
        let value: String =
            switch operand {
            case .nothing: ""
            case .number(let number): " \(number)"
            case .range(let lower, let upper): " \(lower) \(upper)"
            case .text(let text): " '\(text)'"
            case .list(let texts): " (" + texts.map { "'\($0)'" }.joined(separator: ", ") + ")"
            }
        return "\(field.description) \(comparison.rawValue)\(value)"
    }
}

extension SearchOrder {
    fileprivate var description: String {
        "\(field.description) \(isAscending ? "up" : "down")"
    }
}
