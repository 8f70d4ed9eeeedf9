import Foundation
import Tables
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// Files of one format that are one table together.
struct DataFiles: Sendable, Hashable {
    /// Absolute, in the order of their names; never empty.
    let paths: [String]
    let format: TableFormat
    let isCompressed: Bool

    /// More files than this are refused: each is looked at before the first row is read.
    static let limit = 10_000

    /// - Parameters:
    ///   - names: files, folders (all tables that lie in them), and patterns with `*`, `?` and `[`.
    ///   - format: the name of the format, whatever the files are called.
    /// - Throws: `ProfilingError` or `TableError` when there is none, and when their formats differ.
    init(_ names: [String], format name: String? = nil) throws {
        let paths = try names.flatMap { try Self.paths($0) }
        guard let first = paths.first else { throw ProfilingError.invalid("No file was named.") }
        guard paths.count <= Self.limit else {
            throw ProfilingError(.tooLarge, "\(paths.count) files were named; \(Self.limit) are the most.")
        }
        format = try TableFormat(named: name, path: first)
        isCompressed = format.isCompressed(path: first)
        for path in paths {
            let other = try TableFormat(named: name, path: path)
            guard other == format, other.isCompressed(path: path) == isCompressed else {
                throw ProfilingError.invalid(
                    "\(first) and \(path) are of different formats; the files of a table are of one.")
            }
        }
        self.paths = paths
    }

    /// What reports call them.
    var title: String {
        let names = paths.map { URL(filePath: $0).lastPathComponent }
        guard let first = names.first, let last = names.last, names.count > 1 else { return names.first ?? "" }
        return "\(first) … \(last) (\(names.count) files)"
    }

    private static func paths(_ name: String) throws -> [String] {
        let path = URL(filePath: name).standardizedFileURL.path(percentEncoded: false)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { return try readable(path) }
            let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            let tables = files.filter { !$0.hasPrefix(".") && (try? TableFormat(named: nil, path: $0)) != nil }
            guard !tables.isEmpty else {
                throw ProfilingError(.doesNotExist, "There is no CSV, NDJSON or Parquet file in the folder \(name).")
            }
            return tables.map { "\(path.hasSuffix("/") ? String(path.dropLast()) : path)/\($0)" }
        }
        let found = name.contains(where: { "*?[".contains($0) }) ? matches(path) : []
        guard !found.isEmpty else {
            throw ProfilingError(
                .doesNotExist, "There is no file at \(name).",
                hint: name.contains("*") ? "Put a pattern in quotes, so that the shell leaves it alone." : nil)
        }
        return try found.flatMap(readable)
    }

    private static func readable(_ path: String) throws -> [String] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw ProfilingError.invalid("\(path) cannot be read.", hint: "Check its permissions.")
        }
        return [path]
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}
