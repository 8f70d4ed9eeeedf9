import Foundation

/// The first line of a CSV that has another number of cells than its heading.
///
/// DuckDB guesses the delimiter by what most lines have in common. Where lines are of several widths it takes each for one cell,
/// and the table for one column that is called like the whole heading.
struct MisfitLine: Hashable {
    /// From 1 on; the heading is the first.
    let number: Int
    let cells: Int
    /// Of the heading.
    let expected: Int

    static let delimiters: [Character] = [",", ";", "\t", "|"]

    /// Whether a column is called as if it were the heading of several.
    static func isSuspicious(_ name: String) -> Bool { name.contains(where: delimiters.contains) }

    /// Nil when there is none, and when the heading is one cell. Delimiters and line ends within double quotes do not count, nor
    /// do empty lines.
    /// - Parameter heading: the name of the one column that was made of it.
    static func first(in path: String, heading: String) throws -> MisfitLine? {
        let counts = delimiters.map { delimiter in (delimiter, heading.count { $0 == delimiter }) }
        guard let delimiter = counts.max(by: { $0.1 < $1.1 })?.0.asciiValue else { return nil }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        var (number, start, cells, bytes, isQuoted) = (1, 1, 1, 0, false)
        var expected: Int?
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
            for byte in chunk {
                switch byte {
                case UInt8(ascii: "\""): isQuoted.toggle()
                case delimiter where !isQuoted: cells += 1
                case UInt8(ascii: "\n"):
                    number += 1
                    if isQuoted { break }
                    if bytes > 0 {
                        if let expected, cells != expected {
                            return MisfitLine(number: start, cells: cells, expected: expected)
                        }
                        expected = expected ?? cells
                    }
                    (start, cells, bytes) = (number, 1, 0)
                    continue
                case UInt8(ascii: "\r"): continue
                default: break
                }
                bytes += 1
            }
        }
        guard let expected, bytes > 0, cells != expected else { return nil }
        return MisfitLine(number: start, cells: cells, expected: expected)
    }
}
