import Web
import Wire

/// What shadows were compared with, as a part of an endpoint's page.
enum ShadowSection {
    static func html(_ totals: [ShadowTotals], of endpoint: String, now: Timestamp) -> HTML {
        guard !totals.isEmpty else { return "" }
        let rows = totals.map { totals -> [HTML] in
            let meanDifference = totals.numericRows > 0 ? totals.differenceSum / Double(totals.numericRows) : nil
            return [
                .name(totals.shadowVersion), .name(totals.primaryVersion), .time(totals.end, now: now),
                "\(Quantity.count(totals.requests))", "\(Quantity.count(totals.rows))",
                "\(totals.agreement.map { "\(Quantity.number($0 * 100, digits: 4)) %" } ?? "–")",
                "\(meanDifference.map { Quantity.number($0) } ?? "–")",
                "\(totals.numericRows > 0 ? Quantity.number(totals.largestDifference) : "–")",
                "\(Quantity.count(totals.failed))", "\(Quantity.count(totals.dropped))",
            ]
        }
        return """
            <h2>Shadow <small>\(HTML.link("how far apart, and which rows", to: "/endpoints/\(endpoint)/shadow"))</small></h2>
            \(HTML.table(
                [
                    "shadow", "compared with", "last",
                    .number("requests", "Requests that were copied to the shadow."),
                    .number("rows", "Rows of requests that were copied."),
                    .number("agree", "Rows that both answered alike."),
                    .number("mean difference", "How far the numbers of a row are apart, on average."),
                    .number("largest", "How far the numbers of a row are apart at most."),
                    .number("failed rows", "Rows that the shadow did not answer."),
                    .number("left out", "Requests that there was no room to copy."),
                ], rows: rows))
            """
    }
}
