package import Wire

/// One thing that was measured in a window and held against a reference or a limit: the evidence that alerts are made of,
/// and what pages, reports and answers show. It always says how much, how surely, and on how many rows.
package struct Finding: Sendable, Hashable {
    /// What kind of trouble it tells of.
    package enum Family: String, Sendable, Hashable, CaseIterable {
        case latency, calls, quality, drift, performance, cost
    }

    package enum Verdict: String, Sendable, Hashable {
        /// Within its limits.
        case fine
        /// Worth a look, yet nothing that an alert is opened for.
        case notable
        /// Beyond its limits: so many windows with it open an alert.
        case bad
        /// Not to be said: too few rows, no reference, no labels.
        case unknown
    }

    package var family: Family
    /// The name of what was found, such as `drift`, `unseen_category`, `column_vanished`, `p95`, `f1`; one of a list that the
    /// reference pages give.
    package var code: String
    /// The column, the caller, the resource that it is about; nil for the slice as a whole.
    package var subject: String?
    package var slice: TrafficSlice
    package var verdict: Verdict
    /// What was measured, in `measure`; never NaN.
    package var value: Double?
    /// The same of the reference.
    package var expected: Double?
    /// What `value` may not go beyond (or below).
    package var limit: Double?
    /// What the three numbers are: `share`, `ms`, `rows_per_minute`, `jensen_shannon_distance_base2`, the name of a metric.
    package var measure: String
    package var test: String?
    package var pValue: Double?
    /// The least false discovery rate at which it counts, over everything that was tested together.
    package var adjustedPValue: Double?
    package var rows: Int
    package var referenceRows: Int?
    /// One sentence with the numbers in it.
    package var words: String
    /// What else there is to show, such as an interval, an assumption, examples.
    package var details: JSON

    package init(
        _ family: Family, _ code: String, of subject: String? = nil, in slice: TrafficSlice = .whole,
        verdict: Verdict, value: Double? = nil, expected: Double? = nil, limit: Double? = nil, measure: String,
        test: String? = nil, pValue: Double? = nil, adjustedPValue: Double? = nil, rows: Int,
        referenceRows: Int? = nil, words: String, details: JSON = .null
    ) {
        self.family = family
        self.code = code
        self.subject = subject
        self.slice = slice
        self.verdict = verdict
        self.value = value
        self.expected = expected
        self.limit = limit
        self.measure = measure
        self.test = test
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.rows = rows
        self.referenceRows = referenceRows
        self.words = words
        self.details = details
    }

    /// Names the same finding in every window: what persistence is counted by.
    package var key: Key { Key(family: family, code: code, subject: subject, slice: slice) }

    package struct Key: Sendable, Hashable {
        package let family: Family
        package let code: String
        package let subject: String?
        package let slice: TrafficSlice
    }
}

extension Finding: JSONRepresentable {
    package var json: JSON {
        .compact([
            "family": .string(family.rawValue), "code": .string(code), "subject": subject.map(JSON.string),
            "slice": slice == .whole ? Optional<JSON>.none : slice.json, "verdict": .string(verdict.rawValue),
            "value": value.map(JSON.double), "expected": expected.map(JSON.double), "limit": limit.map(JSON.double),
            "measure": .string(measure), "test": test.map(JSON.string), "p_value": pValue.map(JSON.double),
            "adjusted_p_value": adjustedPValue.map(JSON.double), "rows": .integer(Int64(rows)),
            "reference_rows": referenceRows.map { .integer(Int64($0)) }, "words": .string(words),
            "details": details.unlessNull,
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a finding.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard let family = Family(rawValue: try fields.string("family")),
            let verdict = Verdict(rawValue: try fields.string("verdict"))
        else { throw FieldProblem.missing("family") }
        self.init(
            family, try fields.string("code"), of: try fields.optionalString("subject"),
            in: try fields.value("slice").map { try TrafficSlice(json: $0) } ?? .whole, verdict: verdict,
            value: try fields.optionalDouble("value"), expected: try fields.optionalDouble("expected"),
            limit: try fields.optionalDouble("limit"), measure: try fields.string("measure"),
            test: try fields.optionalString("test"), pValue: try fields.optionalDouble("p_value"),
            adjustedPValue: try fields.optionalDouble("adjusted_p_value"), rows: Int(try fields.integer("rows")),
            referenceRows: try fields.optionalInteger("reference_rows").map { Int($0) },
            words: try fields.string("words"), details: try fields.value("details") ?? .null)
    }
}

extension Finding: JSONWritable {
    /// The text of `json`, without building it: windows have hundreds of findings.
    package func write(to writer: inout JSONWriter) {
        func member(_ name: StaticString, _ value: Double?, _ writer: inout JSONWriter) {
            guard let value else { return }
            writer.name(name)
            writer.write(value)
        }
        writer.object { writer in
            writer.member("family", family.rawValue)
            writer.member("code", code)
            if let subject { writer.member("subject", subject) }
            if slice != .whole {
                writer.name("slice")
                slice.write(to: &writer)
            }
            writer.member("verdict", verdict.rawValue)
            member("value", value, &writer)
            member("expected", expected, &writer)
            member("limit", limit, &writer)
            writer.member("measure", measure)
            if let test { writer.member("test", test) }
            member("p_value", pValue, &writer)
            member("adjusted_p_value", adjustedPValue, &writer)
            writer.member("rows", Int64(rows))
            if let referenceRows { writer.member("reference_rows", Int64(referenceRows)) }
            writer.member("words", words)
            if details != .null {
                writer.name("details")
                writer.write(details)
            }
        }
    }
}
