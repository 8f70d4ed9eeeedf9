import Web
import Wire

/// The choice of a stretch of time, above what is shown of it.
struct TimeRangePage {
    let range: TimeRange
    let path: String
    /// How many windows lie in the stretch, of which some are shown.
    var count: (shown: Int, all: Int)?
    /// Which of them.
    var shownWords = "of each part of the time the one with most out of its limits"

    var html: HTML {
        let links = TimeRange.Last.allCases.map { last -> HTML in
            item("last \(last.rawValue)", "\(path)?range=\(last.rawValue)", isChosen: range.choice == .last(last))
        }
        return """
            <div class="actions range" data-view>
            \(item("newest", path, isChosen: range.choice == .newest)) \(links.joined(by: " "))
            <form method="get" action="\(path)">
            <label>from \(field("from", range.moments?.lowerBound))</label>
            <label>to \(field("to", range.moments?.upperBound))</label> <small class="quiet">UTC</small> <button>Show</button>
            </form>
            </div>
            \(partly)
            """
    }

    private func item(_ words: String, _ path: String, isChosen: Bool) -> HTML {
        isChosen ? "<b>\(words)</b>" : .link(words, to: path)
    }

    private func field(_ name: String, _ moment: Timestamp?) -> HTML {
        // Only what was asked for: the last hour goes on while the page is open.
        let value: HTML? =
            range.choice == .between ? moment.map { " value=\"\(String($0.iso8601.prefix(16)))\"" } : nil
        return "<input type=\"datetime-local\" name=\"\(name)\"\(value)>"
    }

    private var partly: HTML? {
        guard let count, count.shown < count.all else { return nil }
        return """
            <p class="quiet">\(Quantity.count(count.shown)) of \(Quantity.count(count.all)) windows: \(shownWords).</p>
            """
    }
}
