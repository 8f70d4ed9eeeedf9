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
        #expect(time.text.contains(">3 minutes ago</time>"))
    }
}
