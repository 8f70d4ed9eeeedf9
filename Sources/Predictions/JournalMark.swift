import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a journal knows of itself while it has no lines: its name among the journals of other data folders, and the last
/// segment that it had.
struct JournalMark: Sendable {
    private let path: String
    /// 32 hexadecimal digits.
    let source: String
    /// 0 before the first.
    let lastSegment: Int

    /// Reads the mark of a folder, or gives the folder one. Blocks.
    init(folder: String, entropy: Entropy) throws {
        path = "\(folder)/journal.json"
        if let data = FileManager.default.contents(atPath: path), let json = try? JSON.parse(data),
            let source = json["source"]?.stringValue, let segment = json["last_segment"]?.integerValue
        {
            self.source = source
            lastSegment = Int(segment)
        } else {
            source = entropy.hexID()
            lastSegment = 0
            try write(lastSegment: 0)
        }
    }

    /// Whole and on the disk, or not at all.
    func write(lastSegment: Int) throws {
        let json: JSON = ["source": .string(source), "last_segment": .integer(Int64(lastSegment))]
        let draft = path + ".draft"
        try Data(json.text.utf8).write(to: URL(filePath: draft))
        try JournalFolder.flush(draft)
        guard rename(draft, path) == 0 else { throw JournalFolder.failure("be written") }
    }
}
