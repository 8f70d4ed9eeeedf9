/// Two texts as one, line by line: what goes and what comes, where it stands.
extension HTML {
    /// What of `former` is not in `text` is crossed out, what is new is set off. Copied it is `text` alone (`martlet.js`).
    package static func difference(from former: String, to text: String) -> HTML {
        let lines = lineDifference(from: former, to: text).map { line -> HTML in
            switch line {
            case .kept(let text): "<span>\(text)\n</span>"
            case .gone(let text): "<del>\(text)\n</del>"
            case .new(let text): "<ins>\(text)\n</ins>"
            }
        }
        return """
            <pre class="difference" tabindex="0" role="region" aria-label="What changes"><code>\(lines)</code></pre>
            """
    }

    enum Line: Equatable {
        case kept(String)
        case gone(String)
        case new(String)
    }

    /// More lines than these are not compared one with another, which takes their product of steps: all go, all come.
    private static let comparedLines = 3000

    static func lineDifference(from former: String, to text: String) -> [Line] {
        let (before, after) = (lines(of: former), lines(of: text))
        guard before != after else { return after.map(Line.kept) }
        guard before.count + after.count <= comparedLines else { return before.map(Line.gone) + after.map(Line.new) }
        let changes = after.difference(from: before)
        var gone: Set<Int> = []
        var new: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let place, _, _): gone.insert(place)
            case .insert(let place, _, _): new.insert(place)
            }
        }
        var lines: [Line] = []
        var (old, place) = (0, 0)
        while old < before.count || place < after.count {
            if gone.contains(old) {
                lines.append(.gone(before[old]))
                old += 1
            } else if new.contains(place) {
                lines.append(.new(after[place]))
                place += 1
            } else {
                lines.append(.kept(after[place]))
                old += 1
                place += 1
            }
        }
        return lines
    }

    /// As forms send them, lines may end in a carriage return, too. What ends the last line begins none.
    private static func lines(of text: String) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
