import Statistics
package import Wire

// As it is stored.

extension PerformanceBasis: JSONRepresentable {
    package var json: JSON {
        .compact([
            "origin": origin.json, "task": .string(task.rawValue), "classes": .strings(classes),
            "rows": .integer(Int64(rows)), "profile": profile.json, "calibrations": .array(calibrations.map(\.json)),
            "forecast": forecast?.json,
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a basis.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard let task = ModelTask(rawValue: try fields.string("task")) else { throw FieldProblem.missing("task") }
        self.init(
            origin: try Origin(json: try fields.value("origin") ?? .null), task: task,
            classes: try fields.strings("classes"), rows: Int(try fields.integer("rows")),
            profile: try PerformanceProfile(json: try fields.value("profile") ?? .null),
            calibrations: try fields.array("calibrations").map(ScoreCalibration.init(json:)),
            forecast: try fields.value("forecast").map(ErrorForecast.init(json:)))
    }
}

extension PerformanceBasis.Origin: JSONRepresentable {
    package var json: JSON {
        switch self {
        case .dataset(let words): ["dataset": .string(words)]
        case .production(let from, let to): ["from": from.json, "to": to.json]
        }
    }

    init(json: JSON) throws {
        let fields = try Fields(json)
        if let words = try fields.optionalString("dataset") {
            self = .dataset(words)
        } else {
            self = .production(
                from: Timestamp(milliseconds: try fields.integer("from")),
                to: Timestamp(milliseconds: try fields.integer("to")))
        }
    }

    /// In words, such as `the dataset 'training' of the version's run`.
    package var words: String {
        switch self {
        case .dataset(let words): words
        case .production(let from, let to): "the first labelled rows, \(from.iso8601) to \(to.iso8601)"
        }
    }
}

extension PerformanceProfile: JSONRepresentable {
    package var json: JSON {
        ["classes": .strings(classes), "numbers": .array(numbers.map(JSON.double))]
    }

    package init(json: JSON) throws {
        let fields = try Fields(json)
        let numbers = try fields.array("numbers").map { $0.doubleValue ?? .nan }
        guard let profile = PerformanceProfile(numbers: numbers, classes: try fields.strings("classes")) else {
            throw FieldProblem.missing("numbers")
        }
        self = profile
    }
}

extension ScoreCalibration {
    fileprivate var json: JSON {
        .compact([
            "scores": fit.map { .array($0.scores.map(JSON.double)) },
            "values": fit.map { .array($0.values.map(JSON.double)) }, "brier_before": .double(brierBefore),
            "brier_after": .double(brierAfter),
        ])
    }

    fileprivate init(json: JSON) throws {
        let fields = try Fields(json)
        let scores = try fields.value("scores")?.arrayValue?.compactMap(\.doubleValue)
        let values = try fields.value("values")?.arrayValue?.compactMap(\.doubleValue) ?? []
        let fit = scores.flatMap { $0.count == values.count ? IsotonicFit(scores: $0, values: values) : nil }
        self.init(
            fit: fit, brierBefore: try fields.double("brier_before"), brierAfter: try fields.double("brier_after"))
    }
}

extension ErrorForecast {
    fileprivate var json: JSON {
        [
            "columns": .array(absolute.columns.map(\.json)), "absolute": absolute.json, "squared": squared.json,
            "absolute_deviation": .double(absoluteDeviation), "squared_deviation": .double(squaredDeviation),
            "skill": .double(skill),
        ]
    }

    fileprivate init(json: JSON) throws {
        let fields = try Fields(json)
        let columns = try fields.array("columns").map(BinnedColumn.init(json:))
        self.init(
            absolute: try BoostedStumps(columns, json: try fields.value("absolute") ?? .null),
            squared: try BoostedStumps(columns, json: try fields.value("squared") ?? .null),
            absoluteDeviation: try fields.double("absolute_deviation"),
            squaredDeviation: try fields.double("squared_deviation"), skill: try fields.double("skill"))
    }
}

extension BoostedStumps {
    fileprivate var json: JSON {
        let steps = stumps.map { stump -> JSON in
            .array([.integer(Int64(stump.column))] + stump.additions.map(JSON.double))
        }
        return ["base": .double(base), "stumps": .array(steps)]
    }

    fileprivate init(_ columns: [BinnedColumn], json: JSON) throws {
        let fields = try Fields(json)
        let stumps = try fields.array("stumps").compactMap { step -> Stump? in
            let numbers = step.arrayValue ?? []
            guard let column = numbers.first?.integerValue else { return nil }
            return Stump(column: Int(column), additions: numbers.dropFirst().compactMap(\.doubleValue))
        }
        self.init(columns, base: try fields.double("base"), stumps: stumps)
    }
}

extension BinnedColumn {
    fileprivate var json: JSON {
        switch coding {
        case .numbers(let edges): ["name": .string(name), "edges": .array(edges.map(JSON.double))]
        case .texts(let texts): ["name": .string(name), "texts": .strings(texts)]
        case .nothing: ["name": .string(name)]
        }
    }

    fileprivate init(json: JSON) throws {
        let fields = try Fields(json)
        let coding: Coding
        if let edges = try fields.value("edges")?.arrayValue {
            coding = .numbers(edges: edges.compactMap(\.doubleValue))
        } else if let texts = try fields.value("texts")?.arrayValue {
            coding = .texts(texts.compactMap(\.stringValue))
        } else {
            coding = .nothing
        }
        self.init(try fields.string("name"), coding)
    }
}
