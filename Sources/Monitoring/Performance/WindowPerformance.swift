package import Incidents
package import Statistics
package import Wire

/// How good a model was in a window, as far as labels tell by now.
package struct WindowPerformance: Sendable, Equatable {
    /// One slice of it.
    package struct Part: Sendable, Equatable {
        package let slice: TrafficSlice
        package var labelled: Int
        /// Nil while no label could be read.
        package var profile: PerformanceProfile?
        /// Rows whose labels say nothing, by why.
        package var troubles: [LabelTrouble: Int]
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
    package let isFinal: Bool
    package let madeAt: Timestamp

    package var whole: Part? { parts.first { $0.slice == .whole } }
    package var labelled: Int { whole?.labelled ?? 0 }
    /// The share of rows with a label that can be read.
    package var coverage: Double { rows > 0 ? min(1, Double(labelled) / Double(rows)) : 0 }

    /// Adds what another server knows of the same window: each labels the rows that it answered.
    mutating func merge(_ other: WindowPerformance) {
        for part in other.parts {
            guard let place = parts.firstIndex(where: { $0.slice == part.slice }) else {
                parts.append(part)
                continue
            }
            parts[place].labelled += part.labelled
            parts[place].troubles.merge(part.troubles, uniquingKeysWith: +)
            if let more = part.profile, parts[place].profile?.merge(more) == nil { parts[place].profile = more }
        }
        // Estimates and slices are of samples: those of the larger one stand for all.
        if other.estimates.first?.rows ?? 0 > estimates.first?.rows ?? 0 { estimates = other.estimates }
        if other.slices.first?.allRows ?? 0 > slices.first?.allRows ?? 0 { slices = other.slices }
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
                "slice": part.slice.json, "labelled": .integer(Int64(part.labelled)), "profile": part.profile?.json,
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
