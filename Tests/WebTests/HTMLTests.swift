import Testing
import Web
import Wire

@Suite struct HTMLTests {
    private let hostile = "<img src=x onerror='alert(1)'> & \"quotes\""

    @Test func escapesEveryInterpolatedText() {
        let html: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
        let escaped = "&lt;img src=x onerror=&#39;alert(1)&#39;&gt; &amp; &quot;quotes&quot;"
        #expect(html.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func splicesHTMLOnce() {
        let inner: HTML = "<b>\("&")</b>"
        let none: HTML? = nil
        let list = [inner, inner].map { item -> HTML in "<li>\(item)</li>" }
        let html: HTML = "\(inner)\(none)\(list)"
        #expect(html.text == "<b>&amp;</b><li><b>&amp;</b></li><li><b>&amp;</b></li>")
        #expect((inner + inner).text == "<b>&amp;</b><b>&amp;</b>")
    }

    @Test func writesNumbersPlainly() {
        let html: HTML = "\(3)\(0.5)\(UInt8(7))"
        #expect(html.text == "30.57")
    }

    @Test func keepsTextsThatLookEscapedAsTheyAre() {
        let html: HTML = "\("&lt;")"
        #expect(html.text == "&amp;lt;")
    }

    @Test func elementsEscapeWhatTheyAreGiven() {
        let elements: [HTML] = [
            .badge(hostile), .link(hostile, to: hostile), .shortID(hostile), .code(hostile),
            .empty(hostile, code: hostile),
            .name(hostile), .name(hostile, limit: 9), .value(hostile), .value(hostile, limit: 9),
            .tags([(key: hostile, value: hostile)]), .table(["x"], named: hostile, rows: [["x"]]),
            .facts([hostile: "x"]), .table([.words(hostile)], rows: [["x"]]),
            Chart(hostile, [Chart.Series(hostile, points: [Chart.Point(x: 0, y: 1)])], xLabel: hostile).html,
        ]
        for element in elements {
            #expect(!element.text.contains("<img"))
            #expect(!element.text.contains("\"quotes\""))
        }
    }

    @Test func tablesHeadRowsAndSetNumbersRight() {
        let table = HTML.table(["Run", .number("auc")], rows: [["a", "0.9"], ["b", "0.8"]])
        #expect(table.text.contains("<th scope=\"row\">a</th><td class=\"number\">0.9</td>"))
        #expect(table.text.contains("<th scope=\"col\" class=\"number\">auc</th>"))
    }

    @Test func tablesAndTheirFramesSayWhatTheyAre() {
        let named = HTML.table(["run", "state"], named: "Recent runs", rows: [["a", "b"]]).text
        #expect(named.contains("<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Recent runs\">"))
        #expect(named.contains("<table aria-label=\"Recent runs\">"))
        let own = HTML.table(["run", "state", .number("took")], rows: [["a", "b", "c"]]).text
        #expect(own.contains("<table aria-label=\"run by state, took\">"))
        let wide = HTML.table((0..<300).map { .words("c\($0)") }, rows: [[]]).text
        #expect(wide.contains("<table aria-label=\"c0 by c1, c2, c3, c4, c5 and 294 more\">"))
    }

    @Test(arguments: ["ריצה", "تجربة", "a\u{202E}b", "\u{1E900}"])
    func namesFromRightToLeftKeepToThemselves(name: String) {
        #expect(HTML.name(name).text == "<bdi>\(name)</bdi>")
        #expect(HTML.link(name, to: "/x").text == "<a href=\"/x\"><bdi>\(name)</bdi></a>")
        #expect(HTML.tags([(key: "k", value: name)]).text.contains("<li>k=<bdi>\(name)</bdi></li>"))
    }

    @Test func namesFromLeftToRightNeedNothing() {
        #expect(HTML.name("läuft → 東京 🐦 –").text == "läuft → 東京 🐦 –")
    }

    @Test func longTextsAreCutAndShowWholeOnHoverOrWhenOpened() {
        let long = String(repeating: "x", count: 10_000)
        #expect(HTML.name(String(repeating: "x", count: 120)).text.count == 120)
        #expect(HTML.name(long + "y").text.count < 1300)
        #expect(HTML.name("abcdef", limit: 3).text == "<bdi title=\"abcdef\">abc…</bdi>")
        let value = HTML.value(long).text
        #expect(value.contains("<summary><bdi>\(long.prefix(200))…</bdi></summary>"))
        #expect(value.contains("<p dir=\"auto\">\(long)</p>"))
        // One character to people, but as long to write.
        let marks = "a" + String(repeating: "\u{301}", count: 10_000)
        #expect(HTML.name(marks).text.unicodeScalars.count < 1300)
    }

    @Test func factsLeaveOutWhatIsUnknown() {
        let source: HTML? = nil
        #expect(
            HTML.facts(["By": "ada", "Source": source]).text
                == "<dl class=\"facts\"><div><dt>By</dt><dd>ada</dd></div></dl>")
    }

    @Test func timesAreRelativeWithTheExactOneOnHover() {
        let moment = Timestamp(milliseconds: 1_795_232_843_120)
        let time = HTML.time(moment, now: moment + .seconds(180))
        #expect(time.text.contains("datetime=\"2026-11-21T03:47:23.120Z\""))
        #expect(time.text.contains("title=\"2026-11-21 03:47:23 UTC\""))
        #expect(time.text.contains(" data-age=\"180\">3 minutes ago</time>"))
        for exact in [HTML.time(moment), .times(from: moment, to: moment)] {
            #expect(exact.text.contains("title=\"2026-11-21 03:47:23 UTC\""))
            #expect(!exact.text.contains("data-age"))
        }
    }
}
