import Wire

// Texts and numbers on which engines may disagree: order, case, what is equal, what is too great.

extension RandomScript {
    static let texts = [
        "", "a", "A", "b", "B", "z", "Z", "ä", "Ä", "ß", "é", "e\u{301}", "日本", "😀", "\u{E000}", "\u{FFFD}", "a%", "a_",
        "%",
        "_", "50%", "\\", "a\\b", "\\%", "it's", "say \"x\"", " a", "a ", "10", "9", "1e3", "line\nbreak", "tab\tx",
        "nul\u{0}x", "tree", "Tree", "TREE", "İ", "ı", "ſ", "aa", "a-b", "a.b", "null", "true",
    ]

    static let keys = ["m", "M", "loss", "val/acc", "a b", "ключ", "x.y", "count", "order", "é", "e\u{301}", "Z"]

    mutating func text() -> String {
        chance(0.02) ? String(repeating: pick(["x", "ä", "😀"]), count: pick([255, 600, 8001])) : shortText()
    }

    /// MLflow keeps U+0000, which PostgreSQL cannot.
    mutating func shortText() -> String {
        let text = pick(Self.texts)
        return isPlain ? text.replacing("\0", with: "") : text
    }

    mutating func key() -> String {
        chance(0.03)
            ? pick(["", "a//b", "../x", "bad!", String(repeating: "k", count: 251), "/a", "."]) : pick(Self.keys)
    }

    mutating func tag() -> JSON { ["key": .string(key()), "value": .string(text())] }

    mutating func tags(_ most: Int = 3) -> JSON {
        var seen: Set<String> = []
        let tags = several(most) { $0.tag() }
        // The same key twice is refused or overwritten; now and then it is sent.
        let repeats = chance(0.03)
        return .array(tags.filter { repeats || seen.insert($0["key"]?.stringValue ?? "").inserted })
    }

    mutating func measure() -> JSON {
        switch roll(12) {
        case 0: "NaN"
        case 1: pick(["Infinity", "-Infinity", "1e400", "0.25"])
        case 2:
            pick([
                .double(.greatestFiniteMagnitude), .double(-.greatestFiniteMagnitude), .double(.leastNonzeroMagnitude),
                1e22, 0.1, 1e-7, .double(-0.0), 123_456_789_012_345_678, .integer(.max), 1e15, 1e16, 1e17,
            ])
        case 3: .double(Double.random(in: -1...1, using: &random))
        default: pick([0, 1, 2, -1, 0.5, 0.25, 0.75])
        }
    }

    mutating func step() -> JSON {
        pick([0, 0, 1, 1, 2, 3, 10, -1, .integer(.max), .integer(.min), .integer(1 << 53), .integer(1 << 53 + 1)])
    }

    mutating func time() -> JSON { pick([0, 1, 1, 2, 1000, 1_700_000_000_000, .integer(.max)]) }

    mutating func metric() -> JSON {
        .compact([
            "key": .string(key()), "value": measure(), "timestamp": time(), "step": maybe(0.8, step()),
            "model_id": loggedModels.isEmpty ? nil : maybe(0.2, .string(recent(loggedModels, else: "m-none"))),
            "dataset_name": maybe(0.1, .string(pick(["rows", "Rows"]))),
            "dataset_digest": maybe(0.1, .string(pick(["d1", "d2"]))),
        ])
    }

    mutating func param() -> JSON { ["key": .string(key()), "value": .string(text())] }

    mutating func limit(_ share: Double = 0.7) -> JSON? {
        maybe(share, pick([1, 2, 3, 5, 10, 100, 1000]))
    }

    mutating func view() -> JSON? { maybe(0.5, pick(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"])) }
}
