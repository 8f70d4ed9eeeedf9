import Testing
import Wire
import YAML
import Yams

@Suite(.timeLimit(.minutes(1))) struct YAMLWritingTests {
    @Test func writesAsPeopleDo() {
        let json: JSON = [
            "kind": "Endpoint", "metadata": ["name": "churn"],
            "spec": [
                "variants": [
                    ["name": "main", "model": "models:/churn@champion", "weight": 90],
                    ["name": "b", "model": "models:/churn/3", "weight": 10],
                ],
                "rollout": ["steps": [5, 25, 50], "alpha": 0.05, "guardrails": [], "log": [:]],
                "nested": [[1, 2], []], "isOn": true, "none": .null,
            ],
        ]
        #expect(
            YAMLText.text(of: json) == """
                kind: Endpoint
                metadata:
                  name: churn
                spec:
                  variants:
                    - name: main
                      model: models:/churn@champion
                      weight: 90
                    - name: b
                      model: models:/churn/3
                      weight: 10
                  rollout:
                    steps: [5, 25, 50]
                    alpha: 0.05
                    guardrails: []
                    log: {}
                  nested:
                    - [1, 2]
                    - []
                  isOn: true
                  none: null

                """)
    }

    /// What another reader of YAML could take for something else stands in quotation marks, and all of it is read back.
    @Test(arguments: [
        "no", "On", "null", "~", "12", "0x1f", "1e3", "-", "- a", "a: b", "a #b", "*x", "&x", "!x", "%x", "@x", "",
        " a",
        "a ", "ends:", "say \"so\"", "back\\slash", "two\nlines", "tab\t", "\u{7F}\u{85}\u{2028}\u{FEFF}", "🏥 <b>",
        "تجارب",
        "{a}", "[a]", "a,b", "'", "plain", "models:/a@b", "true", "y",
    ])
    func readsBackWhatItWrites(word: String) throws {
        let text = YAMLText.text(of: [
            "key": .string(word), "list": [.string(word), "x"], "nested": ["k": .string(word)],
        ])
        let document = try #require(try YAMLText.documents(of: text).first, "\(text)")
        #expect(document["key"]?.string == word, "\(text)")
        #expect(document["list"]?[0]?.string == word, "\(text)")
        #expect(document["nested"]?["k"]?.string == word, "\(text)")
        let isPlain = ["plain", "models:/a@b"].contains(word)
        #expect(text.hasPrefix("key: \"") == !isPlain, "\(text)")
        let asKey = YAMLText.text(of: .members([(word, 1 as JSON)]))
        #expect(try YAMLText.documents(of: asKey).first?[word]?.string == "1", "\(asKey)")
    }
}
