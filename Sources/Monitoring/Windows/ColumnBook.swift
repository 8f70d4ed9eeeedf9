import Incidents
import Predictions
import Statistics
import Wire

/// The anchors of the columns of one version, as one monitor profiles them: those of its reference, and for other columns
/// those that the first rows of production give. Once given they hold, so that windows can be compared and merged.
struct ColumnBook: Sendable {
    /// Whose they are.
    struct Key: Sendable, Hashable {
        let monitor: String
        let model: String
        let version: Int
    }

    struct Column: Sendable, Hashable {
        let role: RowTable.Role
        let name: String
    }

    private(set) var anchors: [Column: FixedAnchors]
    /// Nil while there is none. Another one comes when the version is deleted and registered anew.
    let reference: WindowAnchors?
    /// When to ask for the reference again.
    private(set) var askAgainAt: Timestamp
    /// The reference is being made, and columns without anchors wait for its.
    private(set) var isWaiting: Bool
    /// So many values of columns that wait.
    private(set) var waitingValues = 0
    private var samples: [Column: [ColumnValue]] = [:]

    /// - Parameters:
    ///   - reference: nil while there is none.
    ///   - baselines: what production gave before.
    ///   - isWaiting: whether the reference is being made.
    init(reference: WindowAnchors?, baselines: WindowAnchors, isWaiting: Bool = false, at now: Timestamp) {
        anchors = Self.columns(baselines)
        if let reference { anchors.merge(Self.columns(reference)) { _, reference in reference } }
        self.reference = reference
        self.isWaiting = isWaiting
        askAgainAt = now
        prolong(at: now, isMaking: isWaiting)
    }

    /// - Parameter isMaking: its reference, or another one, is being made.
    mutating func prolong(at now: Timestamp, isMaking: Bool) {
        // One that will not come is waited for no longer.
        isWaiting = isWaiting && isMaking
        let pause = reference == nil ? WindowPolicy.askAgain : WindowPolicy.askForAnother
        askAgainAt = now + (isMaking ? WindowPolicy.follow : pause)
    }

    /// Goes on with what a book has seen that waited for the reference of this one.
    mutating func takeOver(_ former: ColumnBook) {
        guard former.isWaiting else { return }
        for (column, values) in former.samples where anchors[column] == nil { samples[column] = values }
    }

    /// Lets columns have anchors of production though the reference may come.
    mutating func stopWaiting() { isWaiting = false }

    private static func columns(_ anchors: WindowAnchors) -> [Column: FixedAnchors] {
        let inputs = anchors.inputs.map { (Column(role: .input, name: $0.key), FixedAnchors($0.value)) }
        let outputs = anchors.outputs.map { (Column(role: .output, name: $0.key), FixedAnchors($0.value)) }
        return Dictionary(uniqueKeysWithValues: inputs + outputs)
    }

    /// Takes up what rows have in columns that have no anchors yet.
    mutating func sample(_ rows: RowSet, of table: RowTable) {
        for (name, column) in table.inputs { sample(rows, of: column, Column(role: .input, name: name)) }
        for (name, column) in table.outputs { sample(rows, of: column, Column(role: .output, name: name)) }
    }

    private mutating func sample(_ rows: RowSet, of values: RowColumn, _ column: Column) {
        guard anchors[column] == nil, samples[column] != nil || samples.count < 2 * WindowRecord.columnLimit else {
            return
        }
        if isWaiting { waitingValues += rows.count }
        if isWaiting, samples[column]?.count ?? 0 >= WindowPolicy.sampleRows { return }
        values.forEach(of: rows) { value in
            if let value { samples[column, default: []].append(value) }
        }
    }

    /// The columns of which enough was seen, with anchors made of it.
    var ripe: WindowAnchors? {
        guard !isWaiting else { return nil }
        let ripe = samples.filter { $0.value.count >= WindowPolicy.sampleSize && Self.isEnough($0.value) }
        guard !ripe.isEmpty else { return nil }
        func anchors(_ role: RowTable.Role) -> [String: ColumnAnchors] {
            Dictionary(
                uniqueKeysWithValues: ripe.filter { $0.key.role == role }
                    .map { ($0.key.name, ColumnAnchors(reference: $0.value).widened) })
        }
        return WindowAnchors(inputs: anchors(.input), outputs: anchors(.output))
    }

    /// Whether so many values say what cells to make.
    static func isEnough(_ values: [ColumnValue]) -> Bool {
        values.count >= WindowPolicy.sampleRows || values.count { $0 != .missing } >= WindowPolicy.sampleSize
    }

    /// Fixes anchors that production gave.
    mutating func fix(_ baselines: WindowAnchors) {
        for (column, made) in Self.columns(baselines) where anchors[column] == nil { anchors[column] = made }
        for column in anchors.keys { samples[column] = nil }
    }
}
