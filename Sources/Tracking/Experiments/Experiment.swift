package import Wire

/// The number of an experiment. On the wire it is a string.
package struct ExperimentID: Sendable, Hashable {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    /// - Throws: `FieldProblem` when the text is not a decimal integer.
    package init(_ text: String) throws {
        guard let number = Int64(text) else {
            throw FieldProblem("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer.")
        }
        self.number = number
    }

    package var text: String { String(number) }

    /// `Default`, which is there from the start.
    package static let first = ExperimentID(0)
}

/// A named series of runs.
package struct Experiment: Sendable, Hashable {
    package let id: ExperimentID
    /// Unique among all experiments, deleted ones included.
    package let name: String
    /// The URI under which its runs and models keep their files.
    package let artifactLocation: String
    package let stage: LifecycleStage
    package let creationTime: Timestamp
    /// When it was last renamed, deleted or restored; tags do not count.
    package let lastUpdateTime: Timestamp
    package let tags: [Tag]

    package static let maximumNameLength = 500

    /// - Throws: `FieldProblem` for a name that is empty or too long.
    static func checkName(_ name: String, parameter: String) throws {
        guard !name.isLonger(than: maximumNameLength) else {
            throw FieldProblem(
                "Invalid value '\(name.cut(to: 40))…' for parameter '\(parameter)' supplied: an experiment's name has at "
                    + "most \(maximumNameLength) characters, this one has \(name.unicodeScalars.count).")
        }
    }
}

extension Experiment: JSONRepresentable {
    package var json: JSON {
        .compact([
            "experiment_id": .string(id.text), "name": .string(name), "artifact_location": .string(artifactLocation),
            "lifecycle_stage": .string(stage.rawValue), "last_update_time": lastUpdateTime.json,
            "creation_time": creationTime.json, "tags": .nonEmpty(tags), "workspace": "default",
        ])
    }
}

extension JSON {
    /// The array of these values; nil when there are none, because MLflow leaves empty lists out.
    package static func nonEmpty(_ values: [some JSONRepresentable]) -> JSON? {
        values.isEmpty ? nil : .array(values.map(\.json))
    }
}
