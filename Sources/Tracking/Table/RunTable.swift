package import Wire

/// What stands in one place of the table of runs.
package enum RunCell: Sendable, Hashable {
    case missing
    case number(Double)
    /// `isCut` when only its beginning was read.
    case text(String, isCut: Bool)
    case moment(Timestamp)

    /// Whether two places are known to hold the same. NaN is itself here; how texts go on that were cut is not known.
    func isSame(as other: RunCell) -> Bool {
        if case .text(_, isCut: true) = self { return false }
        if case .number(let number) = self, case .number(let another) = other, number.isNaN { return another.isNaN }
        return self == other
    }
}

extension RunCell {
    /// Writes it as JSON; what is missing is null.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .missing: writer.raw("null")
        case .number(let number): writer.write(number)
        case .text(let text, isCut: let isCut): writer.write(isCut ? text + "…" : text)
        case .moment(let moment): writer.write(moment.milliseconds)
        }
    }
}

/// Runs side by side, by column: only what is shown.
package struct RunTable: Sendable {
    package let runs: [RunInfo]
    package let columns: [RunColumn]
    /// At each column's place, a cell for each run.
    package let cells: [[RunCell]]
    /// Those that stay on top, with cells of their own.
    package let pinned: [RunInfo]
    package let pinnedCells: [[RunCell]]
    /// Whether runs may differ in more than is here: not all keys were looked at, or not all that differ are shown.
    package let isMoreDiffering: Bool
    /// Where the next page begins.
    package let next: PageToken?
    /// How many there are; nil when nobody asked.
    package let total: Total?

    /// How many runs fit, counted no further than there was time for.
    package struct Total: Sendable, Hashable {
        package let count: Int
        /// Whether there are more.
        package let isMore: Bool

        package init(_ counted: Int, most: Int?) {
            count = min(counted, most ?? .max)
            isMore = counted > (most ?? .max)
        }
    }
}

extension RunInfo {
    /// What a column of attributes shows of it.
    func cell(_ attribute: String, longest: Int?) -> RunCell {
        switch attribute {
        case "status": .text(status.rawValue, isCut: false)
        case "start_time": .moment(startTime)
        case "end_time": endTime.map { .moment($0) } ?? .missing
        case "duration_ms": endTime.map { .number(Double($0.milliseconds(since: startTime))) } ?? .missing
        case "user_id": RunCell(userID, longest: longest)
        case "run_name": RunCell(name, longest: longest)
        case "run_id": .text(id, isCut: false)
        default: RunCell(artifactURI, longest: longest)
        }
    }
}

extension RunCell {
    /// A text, of which at most `longest` characters are kept.
    init(_ text: String, longest: Int?) {
        if let longest, text.isLonger(than: longest) {
            self = .text(text.cut(to: longest), isCut: true)
        } else {
            self = .text(text, isCut: false)
        }
    }
}
