import TestSupport
import Testing
import YAML
import Yams

@Suite(.timeLimit(.minutes(1))) struct YAMLTextTests {
    @Test func readsDocumentsWithAliases() throws {
        let text = "a: &a [1, '*x']\nb: *a\nc: {<<: *a}\n\"*quoted\": '* star'\n---\n- a * b\n"
        let documents = try YAMLText.documents(of: text)
        #expect(documents.count == 2)
        #expect(documents[0]["b"] == documents[0]["a"])
        #expect(documents[0]["*quoted"]?.string == "* star")
        #expect(documents[1][0]?.string == "a * b")
    }

    @Test(arguments: [
        ("a: &a [1]\n? *a\n: 2", 2, 3), ("a: &a [1]\nb: {*a : 2}", 2, 5), ("a: &a [1]\nb: [*a:2]", 2, 5),
        ("a: &a [1]\nb: {*a:2}", 2, 5), ("a: &a [1]\n? [*a]\n: 2", 2, 3), ("a: &a [1]\n*a : 2", 2, 1),
        ("? {x: 1}\n: *b", 1, 3),
    ])
    func refusesKeysThatAreNoWords(text: String, line: Int, column: Int) throws {
        let problem = try #require(throws: YAMLKeyProblem.self) { try YAMLText.documents(of: text) }
        #expect(problem.line == line)
        #expect(problem.column == column)
    }

    /// Each line stands for twice what the one before it does. As values that costs nothing; as keys it would take ages.
    @Test(arguments: ["b& [*a, *a]", "b& [*a : 1, x: *a]", "b& {? *a : *a}", "b& {? [*a, *a] : 1}", "b& [*a:x]"])
    func linesThatDoubleEachOtherAreReadOrRefusedAtOnce(line: String) throws {
        var text = "k0: &k0 {x: 1}\n"
        for index in 1...60 {
            text += line.replacing("b&", with: "k\(index): &k\(index)").replacing("*a", with: "*k\(index - 1)") + "\n"
        }
        if line.contains(":") {
            #expect(throws: YAMLKeyProblem.self) { try YAMLText.documents(of: text) }
        } else {
            #expect(try YAMLText.documents(of: text).count == 1)
        }
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func deepNestingIsRefusedWithItsPlace(opening: String) throws {
        #expect(throws: YamlError.self) {
            try YAMLText.documents(of: String(repeating: opening, count: 100_000) + "*a")
        }
    }

    @Test func damagedTextIsReadOrRefused() {
        let texts = [
            "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: {name: churn}\nspec:\n  variants:\n  - &v {model: a, weight: 1}\n  - *v\n",
            "flavors:\n  lightgbm: {lgb_version: 4.0, data: model.lgb}\nsignature: '{\"inputs\": []}'\nx: |\n  * a\n   b\n--- !!map\n? a\n: >-\n  c\n",
        ]
        let alphabet =
            Array("{}[]&*:?-|>!%@`'\"#,\n\t abk0".unicodeScalars) + ["\u{0}", "é", "\u{85}", "\u{FEFF}", "\u{E000}"]
        var random = SeededNumbers(seed: 11)
        for round in 0..<4000 {
            var scalars = Array(texts[round % 2].unicodeScalars)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<scalars.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: scalars[place] = alphabet.randomElement(using: &random) ?? "a"
                case 1: scalars.insert(alphabet.randomElement(using: &random) ?? "a", at: place)
                case 2: scalars.insert(contentsOf: scalars[place...].prefix(9), at: place)
                default: if scalars.count > 1 { scalars.remove(at: place) }
                }
            }
            let text = String(String.UnicodeScalarView(scalars))
            do {
                _ = try YAMLText.documents(of: text)
            } catch let problem as YAMLKeyProblem {
                #expect(problem.line >= 1 && problem.column >= 1)
            } catch {
                #expect(error is YamlError, "\(error) of \(text)")
            }
        }
    }
}
