package import Predictions
package import Statistics
package import Wire

/// A window that still takes rows.
package struct OpenWindow: Sendable {
    package let reference: Reference
    package let start: Timestamp
    package private(set) var lastTime: Timestamp
    package private(set) var rows = 0
    /// The log was read up to here.
    package private(set) var cursor: PredictionID
    private let size: WindowSize
    private var profiles: [ColumnProfile]
    /// Which of the reference's columns any row had.
    private var isPresent: [Bool]

    /// Opens a window for `first`, which is not added yet.
    package init(for first: Prediction, size: WindowSize, reference: Reference) {
        self.reference = reference
        self.size = size
        start =
            switch size {
            case .rows: first.time
            case .minutes(let minutes): Self.start(of: first.time, minutes: minutes)
            }
        lastTime = first.time
        cursor = first.id
        profiles = reference.columns.map { ColumnProfile(anchors: $0.profile.anchors) }
        isPresent = reference.columns.map { _ in false }
    }

    private static func start(of time: Timestamp, minutes: Int) -> Timestamp {
        let length = Int64(minutes) * 60_000
        let remainder = time.milliseconds % length
        return Timestamp(milliseconds: time.milliseconds - (remainder < 0 ? remainder + length : remainder))
    }

    package mutating func add(_ prediction: Prediction) {
        rows += 1
        cursor = prediction.id
        lastTime = max(lastTime, prediction.time)
        let inputs = prediction.inputs.json
        // What is never written down is not missing.
        for (index, column) in reference.columns.enumerated() where !prediction.masked.contains(column.name) {
            let json = inputs[column.name]
            if json != nil { isPresent[index] = true }
            profiles[index].add(ColumnValue(json))
        }
    }

    /// When a window of minutes ends; nil for one of rows.
    package var deadline: Timestamp? {
        switch size {
        case .rows: nil
        case .minutes(let minutes): start + .seconds(60 * minutes)
        }
    }

    /// Whether `prediction` belongs to this window.
    package func takes(_ prediction: Prediction) -> Bool {
        guard prediction.model == reference.model, prediction.version == reference.version else { return false }
        return deadline.map { prediction.time < $0 } ?? true
    }

    package var isFull: Bool {
        if case .rows(let count) = size { rows >= count } else { false }
    }

    /// The end: of its minutes, or its last row.
    package var end: Timestamp { deadline ?? lastTime }

    /// The columns that rows of this window had, with what was seen in them. A column of the reference that no row had,
    /// such as the target that the model predicts, is left out.
    package var columns: [(reference: Reference.Column, profile: ColumnProfile)] {
        reference.columns.indices.filter { isPresent[$0] }.map { (reference.columns[$0], profiles[$0]) }
    }

    /// Compares what was seen with the reference.
    package func verdicts(by rule: DriftRule) -> [ColumnVerdict] {
        rule.verdicts(
            columns.map { column in
                let drift = ColumnDrift(reference: column.reference.profile, window: column.profile)
                return (column.reference.name, ColumnKind(column.profile.anchors), drift)
            })
    }
}
