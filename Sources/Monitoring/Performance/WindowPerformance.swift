package import Incidents
package import Statistics
package import Wire

/// How good a model was in a window, as far as labels tell by now.
package struct WindowPerformance: Sendable, Equatable {
    /// One slice of it.
    package struct Part: Sendable, Equatable {
        package let slice: TrafficSlice
        /// All that were answered; nil where that is not counted.
        package var rows: Int?
        package var labelled: Int
        /// Nil while no label could be read.
        package var profile: PerformanceProfile?
        /// Rows whose labels say nothing, by why.
        package var troubles: [LabelTrouble: Int]

        init(
            slice: TrafficSlice, rows: Int? = nil, labelled: Int, profile: PerformanceProfile?,
            troubles: [LabelTrouble: Int]
        ) {
            self.slice = slice
            self.rows = rows
            self.labelled = labelled
            self.profile = profile
            self.troubles = troubles
        }

        /// The share of rows with a label that can be read; nil where rows are not counted.
        package var coverage: Double? {
            rows.map { $0 > 0 ? min(1, Double(labelled) / Double($0)) : 0 }
        }
    }

    package let monitor: String
    package let number: Int
    package let model: String
    package let version: Int
    package let start: Timestamp
    package let end: Timestamp
    /// All that were answered.
    package let rows: Int
    /// The whole first.
    package var parts: [Part]
    package var estimates: [PerformanceEstimate]
    /// Found by search, the largest effect first.
    package var slices: [WeakSlice]
    /// No more labels are waited for.
    package var isFinal: Bool
    package let madeAt: Timestamp

    package var whole: Part? { parts.first { $0.slice == .whole } }
    package var labelled: Int { whole?.labelled ?? 0 }
    /// Rows with a label, whether it can be read or not.
    var read: Int { labelled + (whole?.troubles.values.reduce(0, +) ?? 0) }
    /// Whether there is neither a label nor an estimate nor a slice of it, so that nothing follows for alerts.
    var saysNothing: Bool { read == 0 && estimates.isEmpty && slices.isEmpty }
    /// The share of rows with a label that can be read.
    package var coverage: Double { rows > 0 ? min(1, Double(labelled) / Double(rows)) : 0 }

    /// Adds what another server knows of the same window: each labels the rows that it answered.
    mutating func merge(_ other: WindowPerformance) {
        isFinal = isFinal && other.isFinal
        for part in other.parts {
            guard let place = parts.firstIndex(where: { $0.slice == part.slice }) else {
                parts.append(part)
                continue
            }
            parts[place].labelled += part.labelled
            parts[place].rows = [parts[place].rows, part.rows].compactMap(\.self).max()
            parts[place].troubles.merge(part.troubles, uniquingKeysWith: +)
            if let more = part.profile, parts[place].profile?.merge(more) == nil { parts[place].profile = more }
        }
        // Estimates and slices are of samples: those of the larger one stand for all.
        if other.estimates.first?.rows ?? 0 > estimates.first?.rows ?? 0 { estimates = other.estimates }
        if other.slices.first?.allRows ?? 0 > slices.first?.allRows ?? 0 { slices = other.slices }
    }
}

extension WindowPerformance {
    /// What is known of an hour or a day by the windows that ended in it. It has no estimates and no slices of search, which
    /// are of samples of each.
    /// - Parameter isOverdue: no more labels are waited for.
    init(
        _ windows: [WindowPerformance], in window: PerformanceStore.Window, of monitor: String, isOverdue: Bool,
        at now: Timestamp
    ) {
        var merged = windows.first
        for each in windows.dropFirst() { merged?.merge(each) }
        for place in merged?.parts.indices ?? 0..<0 {
            let slice = merged?.parts[place].slice
            let rows = windows.compactMap { window in window.parts.first { $0.slice == slice }?.rows }
            merged?.parts[place].rows = rows.isEmpty ? nil : rows.reduce(0, +)
        }
        self.init(
            monitor: monitor, number: window.number, model: window.model, version: window.version, start: window.start,
            end: window.end, rows: windows.reduce(0) { $0 + $1.rows },
            parts: merged?.parts ?? [Part(slice: .whole, labelled: 0, profile: nil, troubles: [:])], estimates: [],
            slices: [], isFinal: isOverdue || !windows.isEmpty && windows.allSatisfy(\.isFinal), madeAt: now)
    }
}

extension WindowPerformance: JSONRepresentable {
    package var json: JSON {
        [
            "number": .integer(Int64(number)), "model": .string(model), "version": .integer(Int64(version)),
            "start": start.json, "end": end.json, "rows": .integer(Int64(rows)),
            "labelled": .integer(Int64(labelled)), "coverage": .double(coverage), "final": .bool(isFinal),
            "made": madeAt.json, "estimates": .array(estimates.map(\.json)), "slices": .array(slices.map(\.json)),
        ]
    }

    /// With what it is made of, as it is stored.
    var body: JSON {
        let stored = parts.map { part -> JSON in
            .compact([
                "slice": part.slice.json, "rows": part.rows.map { .integer(Int64($0)) },
                "labelled": .integer(Int64(part.labelled)), "profile": part.profile?.json,
                "troubles": .members(
                    part.troubles.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        ($0.key.rawValue, .integer(Int64($0.value)))
                    }),
            ])
        }
        return .members((json.memberList ?? []).map { ($0.key, $0.value) } + [("parts", .array(stored))])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a stored one.
    init(monitor: String, body: JSON) throws {
        let fields = try Fields(body)
        self.init(
            monitor: monitor, number: Int(try fields.integer("number")), model: try fields.string("model"),
            version: Int(try fields.integer("version")),
            start: Timestamp(milliseconds: try fields.integer("start")),
            end: Timestamp(milliseconds: try fields.integer("end")), rows: Int(try fields.integer("rows")),
            parts: try fields.objects("parts").map(Part.init),
            estimates: try fields.array("estimates").map(PerformanceEstimate.init(json:)),
            slices: try fields.array("slices").map(WeakSlice.init(json:)),
            isFinal: try fields.optionalBool("final") ?? false,
            madeAt: Timestamp(milliseconds: try fields.integer("made")))
    }
}

extension WindowPerformance.Part {
    fileprivate init(_ fields: Fields) throws {
        slice = try TrafficSlice(json: try fields.value("slice") ?? .null)
        rows = try fields.optionalInteger("rows").map { Int($0) }
        labelled = Int(try fields.integer("labelled"))
        profile = try fields.value("profile").map(PerformanceProfile.init(json:))
        let counts = try fields.value("troubles")?.memberList ?? []
        troubles = Dictionary(
            counts.compactMap { count in
                LabelTrouble(rawValue: count.key).map { ($0, Int(count.value.integerValue ?? 0)) }
            }
        ) { first, _ in first }
    }
}
