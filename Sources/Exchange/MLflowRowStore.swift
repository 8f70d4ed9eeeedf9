import Database
import Wire

// Columns of MLflow's tables.

extension Row {
    /// A column as text, numbers written out; nil when it is null.
    func text(_ index: Int) throws -> JSON? {
        switch values[index] {
        case .null: nil
        case .text(let text): .string(text)
        case .integer(let integer): .string(String(integer))
        case .double(let double): .string("\(double)")
        case .bytes(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// A column as a whole number; nil when it is null.
    func number(_ index: Int) throws -> JSON? {
        switch values[index] {
        case .null: nil
        case .double(let double): Int64(exactly: double.rounded()).map(JSON.integer)
        default: .integer(try get(index))
        }
    }

    func value(_ index: Int, isNaN: Bool) throws -> JSON {
        isNaN ? .double(.nan) : .double(try get(index))
    }
}

extension JSON {
    func idNumber(_ key: String) -> Int64 {
        self[key]?.stringValue.flatMap { Int64($0) } ?? -1
    }
}
