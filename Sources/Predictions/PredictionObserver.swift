/// Is told of predictions soon after they were answered, in groups.
///
/// Each prediction is told at least once, in the order of the log, after it can be read and before the journal forgets it;
/// again after a restart or when an observer failed. Who must not count it twice keeps the place up to which it counted,
/// together with what it counted (`PredictionGroup.predictions(after:)`). Those that are not in the endpoint's sample are
/// told too, without inputs and output. An observer that fails delays neither readers nor requests: the group is told again
/// with the next one, and given up, with a line in the server's log, when a gigabyte has gathered behind it. Before anything
/// else it is told a group without predictions, which says where the log goes on.
package struct PredictionObserver: Sendable {
    /// For the server's log.
    package let name: String
    package let observe: @Sendable (PredictionGroup) async throws -> Void
    /// Makes durable what it was told and holds back. The journal forgets nothing before this has returned.
    package let settle: @Sendable () async throws -> Void

    /// - Parameter settle: nothing, when what was observed is durable as soon as `observe` returns.
    package init(
        name: String, settle: @escaping @Sendable () async throws -> Void = {},
        observe: @escaping @Sendable (PredictionGroup) async throws -> Void
    ) {
        self.name = name
        self.settle = settle
        self.observe = observe
    }
}

/// Predictions that follow on each other in the journal. All rows of a request are in one group.
package struct PredictionGroup: Sendable {
    /// `PredictionLog.source` of the log that tells.
    package let source: String
    /// In the order of the journal; none when the log begins to tell.
    package let predictions: [Prediction]
    /// At the place of the first row of a request the numbers of all its rows, where they are known; nil elsewhere. They are
    /// what the predictions' texts say.
    package let numbers: [RequestNumbers?]
    /// Where the group begins and ends.
    package let start: JournalPosition
    package let end: JournalPosition
    /// Where the line of each prediction ends, in bytes from the beginning of the segment in which all of them are.
    private let lineEnds: [Int]

    /// - Parameters:
    ///   - lines: the predictions of each line, and how many bytes it takes.
    ///   - numbers: those of some of the lines, in their order.
    init(
        source: String, lines: [(predictions: [Prediction], byteCount: Int)], numbers: [HeldNumbers.Line] = [],
        from start: JournalPosition, to end: JournalPosition
    ) {
        self.source = source
        self.start = start
        self.end = end
        var predictions: [Prediction] = []
        var lineEnds: [Int] = []
        var offset = start.offset
        var known = numbers[...]
        var placed: [RequestNumbers?] = []
        for line in lines {
            offset += line.byteCount
            while let next = known.first, next.end.offset <= offset {
                known.removeFirst()
                if next.end.offset == offset, next.numbers.rowCount == line.predictions.count {
                    placed += repeatElement(nil, count: predictions.count - placed.count)
                    placed.append(next.numbers)
                }
            }
            predictions += line.predictions
            lineEnds += repeatElement(offset, count: line.predictions.count)
        }
        self.predictions = predictions
        self.numbers = placed
        self.lineEnds = lineEnds
    }

    /// Those behind a place: what somebody who counted up to there has not counted.
    package func predictions(after place: JournalPosition?) -> ArraySlice<Prediction> {
        guard let place, place.segment >= start.segment else { return predictions[...] }
        guard place.segment == start.segment else { return [] }
        return predictions[(lineEnds.firstIndex { $0 > place.offset } ?? predictions.count)...]
    }
}
