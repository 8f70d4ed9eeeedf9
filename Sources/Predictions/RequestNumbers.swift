import DequeModule
import Runtimes

/// The numbers of a request as they were when it was answered: what its line in the journal says in digits.
///
/// Who is told of predictions need not read their texts again for these, where there are any: of tables of numbers that are in
/// the log as they came, as long as they fit in memory. A number that is not finite is null in the log.
package struct RequestNumbers: Sendable {
    package let rowCount: Int
    private let columns: [ColumnSpec]
    /// The inputs, row after row.
    package let inputs: [Double]
    /// The output of each row; nil when it is anything but one finite number.
    package let outputs: [Double]?

    /// What columns of inputs are called, in their order.
    package var names: [String] { columns.map { $0.name ?? "" } }

    /// How many inputs a row has.
    package var width: Int { columns.count }

    /// Whether another request has columns of the same names in the same order. All that one version of a model answered share
    /// theirs, so that this takes no time.
    package func isNamed(as other: RequestNumbers) -> Bool { columns == other.columns }

    /// How many numbers there are.
    var count: Int { inputs.count + (outputs?.count ?? 0) }

    /// - Returns: nil for what is no table of numbers.
    init?(_ request: LoggedRequest) {
        guard case .table(let batch) = request.input, batch.rowCount == request.rowCount else { return nil }
        if let matrix = batch.matrix {
            (columns, inputs) = (matrix.columns, matrix.values)
        } else {
            guard let inputs = batch.numbers else { return nil }
            columns = batch.columns.map { ColumnSpec(name: $0.name, type: $0.values.type) }
            self.inputs = inputs
        }
        rowCount = batch.rowCount
        if case .tensor(let tensor) = request.output, tensor.shape == [rowCount] {
            // One that is not finite is null as a whole, and that is no answer.
            outputs = tensor.values.numbers.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
        } else {
            outputs = nil
        }
    }
}

extension Values {
    /// Nil for texts and truth values.
    fileprivate var numbers: [Double]? {
        switch self {
        case .int32s(let values): values.map(Double.init)
        case .int64s(let values): values.map(Double.init)
        case .floats(let values): values.map(Double.init)
        case .doubles(let values): values
        case .bools, .strings: nil
        }
    }
}

extension Batch {
    /// Row after row, with NaN for what is missing; nil when not all columns are of numbers.
    fileprivate var numbers: [Double]? {
        let columns = columns
        var numbers = [Double](repeating: .nan, count: rowCount * columns.count)
        for (place, column) in columns.enumerated() {
            guard let values = column.values.numbers else { return nil }
            for row in 0..<rowCount where column.validity?[row] ?? true {
                numbers[row * columns.count + place] = values[row]
            }
        }
        return numbers
    }
}

/// The numbers of requests that are written to the journal and not in the store yet, in the order of the journal. There is room
/// for so many; what comes when it is taken is read from the journal by whoever wants it.
struct HeldNumbers: Sendable {
    /// What a line holds, and where it ends.
    typealias Line = (end: JournalPosition, numbers: RequestNumbers)

    private var lines: Deque<Line> = []
    private var count = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    mutating func hold(_ numbers: RequestNumbers, ofLineTo end: JournalPosition) {
        guard count + numbers.count <= limit else { return }
        lines.append((end, numbers))
        count += numbers.count
    }

    /// Hands out those of lines up to a place.
    mutating func take(upTo end: JournalPosition) -> [Line] {
        let taken = Array(lines.prefix { $0.end <= end })
        lines.removeFirst(taken.count)
        for line in taken { count -= line.numbers.count }
        return taken
    }
}
