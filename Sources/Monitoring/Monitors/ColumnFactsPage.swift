import Statistics
import Web

/// What is known of a column's values, in the reference and in a window, under each other.
enum ColumnFactsPage {
    private static let nameLimit = 8

    static func table(before: ColumnProfile?, after: ColumnProfile, name: String) -> HTML {
        let columns: [HTML.Column] = [
            "", .number("reference", "The same of the rows that windows are held against."),
            .number(name, "Of the rows of this window."),
        ]
        let lines = zip(facts(before), facts(after)).map { former, now -> [HTML] in
            ["\(now.name)", former.value, now.value]
        }
        return "<div class=\"data\">\(HTML.table(columns, rows: lines + names(before, after)))</div>"
    }

    private typealias Fact = (name: String, value: HTML)

    /// The same names in the same order for every profile of a kind.
    private static func facts(_ profile: ColumnProfile?) -> [Fact] {
        guard let profile else { return Array(repeating: ("", "–"), count: 16) }
        let share = { (count: Int) -> HTML in
            "\(Quantity.percent(profile.rows > 0 ? Double(count) / Double(profile.rows) : 0))"
        }
        var facts: [Fact] = [("rows", "\(Quantity.count(profile.rows))"), ("missing", share(profile.missing))]
        guard case .numeric(let numbers) = profile.content else {
            if case .categorical(let names) = profile.content {
                facts.append(("different names", "\(Quantity.count(Int(names.distinct.rounded())))"))
            }
            return facts
        }
        let deviation = numbers.moments.sampleDeviation
        facts += [
            ("not a number", share(numbers.notANumber)),
            ("infinite", share(numbers.positiveInfinities + numbers.negativeInfinities)),
            ("of another type", share(profile.mismatched)), ("mean", number(numbers.mean)),
            ("standard deviation", number(deviation)), ("least", number(numbers.minimum)),
        ]
        for quantile in [0.05, 0.25, 0.5, 0.75, 0.95] {
            facts.append(("\(Int(100 * quantile)) % below", number(numbers.quantile(quantile))))
        }
        facts.append(("greatest", number(numbers.maximum)))
        facts.append(("different values", "\(Quantity.count(Int(numbers.distinct.estimate.rounded())))"))
        return facts
    }

    private static func number(_ value: Double?) -> HTML {
        value.flatMap { $0.isFinite ? "\(Quantity.number($0))" : nil } ?? "–"
    }

    /// The commonest names of either side with their shares.
    private static func names(_ before: ColumnProfile?, _ after: ColumnProfile) -> [[HTML]] {
        guard case .categorical(let now) = after.content else { return [] }
        var former: CategoryProfile?
        if case .categorical(let names) = before?.content { former = names }
        var seen: Set<String> = []
        let common = (now.commonest(nameLimit) + (former?.commonest(nameLimit) ?? [])).map(\.name)
            .filter { seen.insert($0).inserted }
        return common.map { name in
            ["<code>\(name)</code>", share(of: name, in: former), share(of: name, in: now)]
        }
    }

    private static func share(of name: String, in profile: CategoryProfile?) -> HTML {
        guard let profile, profile.total > 0 else { return "–" }
        let count = profile.commonest(.max).first { $0.name == name }?.count ?? 0
        return "\(Quantity.percent(Double(count) / Double(profile.total)))"
    }
}
