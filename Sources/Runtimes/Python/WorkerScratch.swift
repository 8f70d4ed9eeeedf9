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

/// A folder for what a model writes while it runs, which goes with its process.
struct WorkerScratch: Sendable {
    let path: String

    /// Makes it below `parent`, for `account` alone. Blocks.
    /// - Throws: `RuntimeError` when it cannot be made.
    init(in parent: String, for account: Account) throws {
        var template = Array("\(parent)/martlet-worker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Self.failure(parent) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard chown(path, account.user, account.group) == 0 else {
            remove()
            throw Self.failure(parent)
        }
    }

    /// Blocks.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func failure(_ parent: String) -> RuntimeError {
        RuntimeError(
            .unavailable, "A worker's folder cannot be made in \(parent).",
            hint: "Make \(parent) writable, or set TMPDIR.", retryAfterSeconds: 10)
    }
}
