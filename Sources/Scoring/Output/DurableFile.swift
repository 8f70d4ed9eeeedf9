import NIOCore
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

/// Files that are there whole or not at all, also after a power failure. All of it blocks.
enum DurableFile {
    /// Writes a small file.
    static func write(_ text: String, to path: String) throws {
        let draft = path + ".new"
        guard FileManager.default.createFile(atPath: draft, contents: Data(text.utf8)) else { throw failure(draft) }
        try move(draft, to: path)
    }

    /// Makes a finished file durable under another name in the same folder.
    static func move(_ draft: String, to path: String) throws {
        try sync(draft)
        guard rename(draft, path) == 0 else { throw failure(path) }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try sync(folder.isEmpty ? "/" : folder)
    }

    /// Writes what is in a file or folder to the disk.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Puts the contents of files one after the other into a new one.
    static func join(_ parts: [String], into path: String) throws {
        let target = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
        guard target >= 0 else { throw failure(path) }
        defer { close(target) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        for part in parts {
            let source = open(part, O_RDONLY | O_CLOEXEC)
            guard source >= 0 else { throw failure(part) }
            defer { close(source) }
            while true {
                let count = read(source, buffer.baseAddress, buffer.count)
                guard count >= 0 else { throw failure(part) }
                if count == 0 { break }
                try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target, path)
            }
        }
    }

    /// Some bytes of a file, fewer at its end.
    static func bytes(of path: String, from position: Int, count: Int) throws -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var buffer = ByteBuffer()
        var outcome = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            outcome = pread(descriptor, bytes.baseAddress, count, off_t(position))
            return max(0, outcome)
        }
        guard outcome >= 0 else { throw failure(path) }
        return buffer
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    static func failure(_ path: String) -> ScoringError {
        let isFull = errno == ENOSPC || errno == EDQUOT
        return ScoringError(
            isFull ? .storageFull : .invalidParameterValue,
            "\(path) cannot be written: \(String(cString: strerror(errno))).",
            hint: isFull ? "Make room and give the same command again: it goes on where it stopped." : nil)
    }
}

#if canImport(Glibc)
    private let systemWrite = Glibc.write
#else
    private let systemWrite = Darwin.write
#endif
