import Incidents
import Web

/// What is shown of one column beside its picture.
struct FactsPage {
    private let kind: DataColumn.Kind
    private let names: NameDisplay

    init(_ kind: DataColumn.Kind, _ names: NameDisplay) {
        self.kind = kind
        self.names = names
    }

    /// One table's facts in a line.
    func line(_ facts: ColumnFacts) -> String {
        if let mean = facts.mean, let least = facts.least, let greatest = facts.greatest {
            guard least < greatest else { return "always \(kind.words(least))" }
            return "mean \(kind.words(mean)), from \(kind.words(least)) to \(kind.words(greatest))"
        }
        let distinct = Int(facts.distinct.rounded())
        guard facts.distinct < Double(facts.rows) / 2 || distinct < 3 else { return distinct.counted("different name") }
        let listed = facts.commonest.enumerated().prefix(3).map { index, entry in
            "\(names.shown(entry.name, index)) \((Double(entry.count) / Double(max(1, facts.rows))).percent)"
        }
        guard !listed.isEmpty else { return "no values" }
        return "\(distinct.counted("name")): \(listed.joined(separator: ", "))"
    }

    func change(_ before: ColumnFacts?, _ after: ColumnFacts?) -> HTML {
        guard let before, let after else { return "" }
        if let former = before.mean, let mean = after.mean {
            return "<p>mean \(kind.words(former)) → \(kind.words(mean))</p>"
        }
        return kind == .name ? "" : "<p>\(line(before)) → \(line(after))</p>"
    }
}

/// Findings as a list.
enum FindingsPage {
    static func list(_ findings: [Finding]) -> HTML {
        let pieces = findings.filter { $0.verdict != .fine }.map { finding -> HTML in
            let tone: HTML =
                switch finding.verdict {
                case .bad: "bad"
                case .notable: "warning"
                case .fine, .unknown: "plain"
                }
            return "<p class=\"notice \(tone)\">\(finding.words) <code>\(finding.code)</code></p>\n"
        }
        return "\(pieces)"
    }
}
