package import Web

/// How evidence is shown, wherever it is.
package enum FindingPage {
    /// Findings as a table, the worst first.
    /// - Parameter monitor: whose pages tell more about the columns.
    package static func table(_ findings: [Finding], of monitor: String) -> HTML {
        let rows = findings.sorted { $0.precedes($1) }.map { finding -> [HTML] in
            [
                subject(finding, of: monitor), badge(finding), "\(finding.words)",
                value(finding.value, in: finding), value(finding.expected, in: finding),
                value(finding.limit, in: finding), pValue(finding),
                "\(Quantity.count(finding.rows))", finding.referenceRows.map { "\(Quantity.count($0))" } ?? "–",
            ]
        }
        return .table(
            [
                "about", "found", "in words",
                .number("value", "What was found in the window; the words beside say of what."),
                .number("expected", "What the reference, or what came before, says it should be."),
                .number("limit", "Beyond this it is a finding."),
                .number(
                    "adjusted p",
                    "How likely so much or more would be by chance, corrected for all tests of the window."),
                .number("rows", "Rows of the window that it was found in."),
                .number("of reference", "Rows of the reference that it was held against."),
            ], rows: rows)
    }

    /// What a finding is about, with the page that tells more of it.
    package static func subject(_ finding: Finding, of monitor: String) -> HTML {
        let title = finding.subject ?? finding.code.replacing("_", with: " ")
        let path = "/monitors/\(monitor)"
        switch finding.family {
        case .drift, .quality:
            guard let column = finding.subject else { return .name(title) }
            return .link(title, to: "\(path)/columns/\(column.queryEscaped)")
        case .performance: return .link(title, to: "\(path)/performance")
        case .latency, .calls: return .link(title, to: "\(path)/traffic")
        case .cost: return .link(title, to: "\(path)#cost")
        }
    }

    /// The verdict: what was found by its code, in the colour of how bad that is.
    package static func badge(_ finding: Finding) -> HTML {
        let words = finding.code.replacing("_", with: " ")
        // Beside a measure's name, which is its code, the verdict says more.
        let isMeasure = finding.subject == nil && finding.family != .drift
        return switch finding.verdict {
        case .fine: .badge("fine", .good)
        case .notable: .badge(isMeasure ? "worth a look" : words, .warning)
        case .bad: .badge(isMeasure ? "bad" : words, .bad)
        case .unknown: .badge("not known", .plain)
        }
    }

    /// A number of a finding in the unit of its measure, which it names on hover.
    package static func value(_ value: Double?, in finding: Finding) -> HTML {
        guard let value else { return "–" }
        let words =
            switch finding.measure {
            case "share", "labelled_share": Quantity.percent(value)
            case "ms": "\(Quantity.number(value, digits: 3)) ms"
            case "minutes": "\(Quantity.number(value, digits: 3)) min"
            case "days": "\(Quantity.number(value, digits: 2)) d"
            case "memory_gb", "gpu_memory_gb": "\(Quantity.number(value, digits: 3)) GiB"
            case "requests_per_minute": "\(Quantity.number(value, digits: 3)) / min"
            case "rows", "columns", "distinct_values": Quantity.number(value)
            default: Quantity.decimal(value)
            }
        return "<span title=\"\(finding.measure.replacing("_", with: " "))\">\(words)</span>"
    }

    /// How easily chance gives such a finding, all that was tested together considered.
    package static func pValue(_ finding: Finding) -> HTML {
        (finding.adjustedPValue ?? finding.pValue).map { "\(Quantity.pValue($0))" } ?? "–"
    }
}

extension Finding {
    /// Whether it is shown before another: the worse first, then the larger value.
    fileprivate func precedes(_ other: Finding) -> Bool {
        (verdict.rank, -(value ?? 0), subject ?? "") < (other.verdict.rank, -(other.value ?? 0), other.subject ?? "")
    }
}

extension Finding.Verdict {
    /// 0 for what is shown first.
    package var rank: Int {
        switch self {
        case .bad: 0
        case .notable: 1
        case .unknown: 2
        case .fine: 3
        }
    }
}
