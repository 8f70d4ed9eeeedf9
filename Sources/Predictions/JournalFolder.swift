import Synchronization
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

/// The files of the journal, numbered from 1. Every function here blocks.
final class JournalFolder: Sendable {
    private let path: String
    /// The file that grows; -1 before the first.
    private let descriptor = Mutex<CInt>(-1)

    init(path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The files that are there, in their order.
    func segments() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .compactMap { $0.hasSuffix(Self.suffix) ? Int($0.dropLast(Self.suffix.count)) : nil }
            .sorted()
    }

    /// Starts a file, and closes the one before.
    func begin(segment: Int) throws {
        let new = open(file(segment), O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard new >= 0 else { throw Self.failure("be opened") }
        let old = descriptor.withLock { descriptor in
            defer { descriptor = new }
            return descriptor
        }
        if old >= 0 { _ = Self.closeFile(old) }
    }

    /// Writes at the end of the current file; when that fails, nothing stays.
    func append(_ bytes: [UInt8], at offset: Int) throws {
        let descriptor = descriptor.withLock { $0 }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = Self.failure("be written")
                ftruncate(descriptor, off_t(offset))
                throw error
            }
            done += count
        }
    }

    func size(_ segment: Int) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: file(segment))[.size] as? Int ?? 0
    }

    /// Whole lines of a file from `offset` on, about `atMost` bytes of them and at least one; none when no line ends
    /// within the `available` bytes.
    func lines(_ segment: Int, from offset: Int, available: Int, atMost: Int) throws -> [UInt8] {
        var size = min(available, atMost)
        while size > 0 {
            let bytes = try read(segment, from: offset, count: size)
            if let last = bytes.lastIndex(of: UInt8(ascii: "\n")) { return Array(bytes[...last]) }
            guard size < available else { return [] }
            size = min(available, size * 2)
        }
        return []
    }

    /// The id in the last whole line of a file.
    func lastRequest(_ segment: Int) throws -> String? {
        let bytes = try read(segment, from: 0, count: try size(segment))
        return bytes.split(separator: UInt8(ascii: "\n")).reversed().lazy.compactMap(JournalLine.request).first
    }

    func remove(segment: Int) {
        unlink(file(segment))
    }

    func close() {
        let old = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if old >= 0 { _ = Self.closeFile(old) }
    }

    private func read(_ segment: Int, from offset: Int, count: Int) throws -> [UInt8] {
        let descriptor = open(file(segment), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("be opened") }
        defer { _ = Self.closeFile(descriptor) }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let received = pread(
                    descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
                if received < 0, errno == EINTR { continue }
                guard received >= 0 else { throw Self.failure("be read") }
                if received == 0 { return }
                done += received
            }
        }
    }

    private static func closeFile(_ descriptor: CInt) -> CInt {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }

    private func file(_ segment: Int) -> String {
        let digits = String(segment)
        return "\(path)/\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits)\(Self.suffix)"
    }

    private static let suffix = ".ndjson"

    private static func failure(_ what: String) -> PredictionError {
        let reason = String(cString: strerror(errno))
        return errno == ENOSPC || errno == EDQUOT
            ? PredictionError(
                .storageFull, "The prediction journal cannot \(what): \(reason).",
                hint: "Free space on the disk of the data folder.")
            : PredictionError(.internalError, "The prediction journal cannot \(what): \(reason).")
    }
}
