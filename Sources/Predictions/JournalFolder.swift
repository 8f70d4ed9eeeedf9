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
    /// Hands what a file holds to the disk; 0 for success, as `fdatasync(2)`.
    typealias Flush = @Sendable (CInt) -> CInt

    static let dataSync: Flush = { descriptor in
        #if canImport(Glibc)
            fdatasync(descriptor)
        #else
            fcntl(descriptor, F_FULLFSYNC)
        #endif
    }

    private let path: String
    private let flushFile: Flush
    /// The file that grows; -1 before the first.
    private let descriptor = Mutex<CInt>(-1)

    init(path: String, flush: @escaping Flush) throws {
        self.path = path
        flushFile = flush
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        close()
    }

    /// The files that are there, in their order.
    func segments() throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: path)
            .compactMap { $0.hasSuffix(Self.suffix) ? Int($0.dropLast(Self.suffix.count)) : nil }
            .sorted()
    }

    /// Starts a file; its name is on the disk afterwards, and so is all of the file before, which is closed.
    func begin(segment: Int) throws {
        if descriptor.withLock({ $0 }) >= 0 { try flush() }
        let new = open(file(segment), O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard new >= 0 else { throw Self.failure("be opened") }
        let old = descriptor.withLock { descriptor in
            defer { descriptor = new }
            return descriptor
        }
        if old >= 0 { _ = Self.closeFile(old) }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure("be opened") }
        defer { _ = Self.closeFile(folder) }
        guard fsync(folder) == 0 else { throw Self.failure("be flushed to the disk") }
    }

    /// Hands what was written to the disk. What was written to earlier files is there already.
    func flush() throws {
        // A descriptor of its own: the file may be closed by another thread meanwhile.
        let copy = descriptor.withLock { dup($0) }
        guard copy >= 0 else { throw Self.failure("be flushed to the disk") }
        defer { _ = Self.closeFile(copy) }
        // What cannot be flushed, such as a device, has nothing to lose.
        guard flushFile(copy) == 0 || errno == EINVAL else { throw Self.failure("be flushed to the disk") }
    }

    /// Hands what a file of any name holds to the disk.
    static func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("be opened") }
        defer { _ = closeFile(descriptor) }
        guard dataSync(descriptor) == 0 else { throw failure("be flushed to the disk") }
    }

    /// Writes at the end of the current file; when that fails, nothing stays.
    func append(_ bytes: [UInt8], at offset: Int) throws {
        let descriptor = descriptor.withLock { $0 }
        guard Self.write(bytes, to: descriptor, at: offset) else {
            let error = Self.failure("be written")
            ftruncate(descriptor, off_t(offset))
            throw error
        }
    }

    /// Writes all of `bytes` at a place of a file.
    /// - Returns: whether it could; `errno` says why not.
    static func write(_ bytes: [UInt8], to descriptor: CInt, at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    func size(_ segment: Int) throws -> Int {
        guard FileManager.default.fileExists(atPath: file(segment)) else { return 0 }
        return try FileManager.default.attributesOfItem(atPath: file(segment))[.size] as? Int ?? 0
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

    /// The largest id in a file. Those of predictions that were made elsewhere are not in the order of the others.
    func largestRequest(_ segment: Int) throws -> RequestNumber? {
        let bytes = try read(segment, from: 0, count: try size(segment))
        return bytes.split(separator: UInt8(ascii: "\n")).lazy.compactMap(JournalLine.request).max()
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

    static func closeFile(_ descriptor: CInt) -> CInt {
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

    /// What `errno` says of a file that could not be used.
    static func failure(_ what: String, of name: String = "prediction journal") -> PredictionError {
        let message = "The \(name) cannot \(what): \(String(cString: strerror(errno)))."
        return errno == ENOSPC || errno == EDQUOT
            ? PredictionError(.storageFull, message, hint: "Free space on the disk of the data folder.")
            : PredictionError(.internalError, message)
    }
}
