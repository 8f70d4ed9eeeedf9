import Crypto
import Foundation
import NIOCore
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A new file that knows the sum of what was written to it. Written by one caller at a time.
final class SummedFile: Sendable {
    struct Sum: Sendable, Hashable {
        let sizeBytes: Int
        /// In hexadecimal.
        let sha256: String
    }

    private struct State {
        var hash = SHA256()
        var sizeBytes = 0
    }

    private let path: String
    private let descriptor: Int32
    private let state = Mutex(State())

    /// Makes the file and the folders on the way to it.
    init(path: String) throws {
        self.path = path
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        close(descriptor)
    }

    func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count >= 0 else { throw Self.failure(path) }
                rest = rest.dropFirst(count)
            }
        }
        state.withLock { state in
            state.hash.update(data: bytes)
            state.sizeBytes += bytes.count
        }
    }

    /// Makes what was written durable.
    func finish() throws -> Sum {
        guard fsync(descriptor) == 0 else { throw Self.failure(path) }
        return state.withLock { state in
            Sum(sizeBytes: state.sizeBytes, sha256: Self.hexadecimal(state.hash.finalize()))
        }
    }

    /// The sum of a file that is there.
    static func sum(of path: String) async throws -> Sum {
        var hash = SHA256()
        var sizeBytes = 0
        for try await chunk in try LocalFileChunks(path: path) {
            chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            sizeBytes += chunk.readableBytes
        }
        return Sum(sizeBytes: sizeBytes, sha256: hexadecimal(hash.finalize()))
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func failure(_ path: String) -> ExchangeError {
        let isFull = errno == ENOSPC || errno == EDQUOT
        return ExchangeError(
            isFull ? .storageFull : .invalidParameterValue,
            "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}
