/// The few elements that pages share; everything else is plain markup styled by the one stylesheet.
extension HTML {
    /// What a badge's colour says.
    package enum Tone: String, Sendable {
        /// No judgement.
        case plain
        /// Under way.
        case active
        case good
        case warning
        case bad
    }

    /// A state in one or two words.
    package static func badge(_ words: String, _ tone: Tone = .plain) -> HTML {
        "<span class=\"badge \(tone.rawValue)\">\(name(words))</span>"
    }

    /// A long title is cut, and shows whole on hover.
    package static func link(_ title: String, to path: String) -> HTML {
        "<a href=\"\(path)\">\(name(title))</a>"
    }

    /// A shortened identifier that shows whole on hover.
    package static func shortID(_ id: String, length: Int = 8) -> HTML {
        "<code title=\"\(id)\">\(id.prefix(length))</code>"
    }

    /// A value that says on hover what it means, or how it was counted.
    package static func explained(_ value: HTML, _ meaning: String) -> HTML {
        "<abbr title=\"\(meaning)\">\(value)</abbr>"
    }

    /// Text to copy: a command, a snippet, a manifest.
    package static func code(_ text: String) -> HTML {
        "<pre tabindex=\"0\" role=\"region\" aria-label=\"Code\"><code>\(text)</code></pre>"
    }

    /// Names with their values, such as the particulars of a run; nil values are left out.
    /// - Parameter meanings: what values are, or how they were counted, for whoever hovers over their names.
    package static func facts(_ facts: KeyValuePairs<String, HTML?>, meanings: [String: String] = [:]) -> HTML {
        "<dl class=\"facts\">\(items(facts, meanings))</dl>"
    }

    /// The few large figures that open a page, each under its name; nil values are left out.
    /// - Parameter meanings: as with `facts`.
    package static func numbers(_ numbers: KeyValuePairs<String, HTML?>, meanings: [String: String] = [:]) -> HTML {
        "<dl class=\"numbers\">\(items(numbers, meanings))</dl>"
    }

    private static func items(_ facts: KeyValuePairs<String, HTML?>, _ meanings: [String: String]) -> [HTML] {
        facts.compactMap { name, value in
            value.map { value in
                let title = meanings[name].map { explained("\(name)", $0) } ?? "\(name)"
                return "<div><dt>\(title)</dt><dd>\(value)</dd></div>"
            }
        }
    }

    /// A sentence or two that must be seen, such as an open alert.
    package static func notice(_ tone: Tone, _ content: HTML) -> HTML {
        "<div class=\"notice \(tone.rawValue)\">\(content)</div>"
    }

    /// Labels of a name and a value.
    package static func tags(_ tags: some Sequence<(key: String, value: String)>) -> HTML {
        let items = tags.map { tag -> HTML in "<li>\(name(tag.key))=\(value(tag.value))</li>" }
        return "<ul class=\"tags\">\(items)</ul>"
    }

    /// What a page shows where there is nothing yet: what would be here, and what to type to get it.
    package static func empty(_ words: String, code text: String? = nil) -> HTML {
        let snippet = text.map(HTML.code)
        return "<div class=\"empty\"><p>\(words)</p>\(snippet)</div>"
    }

    /// The same with several ways to get it, each under its name, all of them in sight.
    package static func empty(_ words: String, ways: KeyValuePairs<String, String>) -> HTML {
        let figures = ways.map { way -> HTML in
            "<figure><figcaption>\(way.key)</figcaption>\(code(way.value))</figure>"
        }
        return "<div class=\"empty\"><p>\(words)</p><div class=\"ways\">\(figures)</div></div>"
    }

    /// The command that applies a manifest to this server, to copy as it is.
    package static func apply(_ manifest: String, to origin: String) -> String {
        "martlet apply --server \(origin) -f - <<'END'\n\(manifest)\nEND"
    }

    /// How a manifest is applied to this server.
    package static func waysToApply(_ manifest: String, to origin: String) -> KeyValuePairs<String, String> {
        [
            "Command line": apply(manifest, to: origin),
            "curl": """
            curl \(origin)/api/v1/apply -H 'Content-Type: application/yaml' --data-binary @- <<'END'
            \(manifest)
            END
            """,
            "Python": """
            from urllib.request import Request, urlopen
            manifest = \"""
            \(manifest)
            \"""
            request = Request("\(origin)/api/v1/apply", manifest.encode(), {"Content-Type": "application/yaml"})
            print(urlopen(request).read().decode())
            """,
        ]
    }
}

extension Sequence<HTML> {
    /// The pieces with a text in between.
    package func joined(by separator: String) -> HTML {
        reduce(nil as HTML?) { joined, piece in joined.map { "\($0)\(separator)\(piece)" } ?? piece } ?? ""
    }
}
