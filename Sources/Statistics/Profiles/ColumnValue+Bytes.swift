/// The stored form of a cell: its type, then its value.
extension ColumnValue {
    package func write(to writer: inout ProfileWriter) {
        switch self {
        case .missing: writer.byte(0)
        case .number(let number):
            writer.byte(1)
            writer.double(number)
        case .text(let text):
            writer.byte(2)
            writer.text(text)
        }
    }

    /// - Throws: `ProfileProblem` when the bytes are of no cell.
    package init(from reader: inout ProfileReader) throws {
        switch try reader.byte() {
        case 0: self = .missing
        case 1: self = .number(try reader.double())
        case 2: self = .text(try reader.text())
        default: throw reader.problem("a value is of no known type")
        }
    }
}
