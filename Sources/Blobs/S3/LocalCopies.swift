import Crypto
import Foundation
import NIOPosix
import Synchronization
import Wire

/// Folders of a bucket as folders of this machine, for programs that open files themselves.
///
/// A copy is named for the names, sizes and revisions of the objects in it, so that one that is stale is never found. It
/// is made once however many ask, appears whole, and stays while somebody holds on to it; of the others the ones used
/// last remain, up to `unusedBytes`.
final class LocalCopies: Sendable {
    /// An object to be copied, and where below the folder.
    struct File: Sendable {
        let path: String
        let content: BlobContent
    }

    private struct Copy {
        let sizeBytes: Int
        /// Waiters count too.
        var holders: Int
        var lastUse: Int
        /// Nil for the copy of a former process.
        let work: Task<Void, any Error>?
    }

    private struct State {
        var copies: [String: Copy] = [:]
        var uses = 0
    }

    private let folder: String
    private let unusedBytes: Int
    private let entropy: Entropy
    private let threads: NIOThreadPool
    private let state = Mutex(State())

    private static let filesAtOnce = 4

    /// Makes the folder when it is not there, and takes over the copies of a former process.
    init(folder: String, unusedBytes: Int = 10 << 30, entropy: Entropy, threads: NIOThreadPool) throws {
        self.folder = folder
        self.unusedBytes = unusedBytes
        self.entropy = entropy
        self.threads = threads
        try? LocalFile.removeTree(partial)
        try LocalFile.makeFolders(partial)
        let names = try LocalFile.names(in: folder).filter { $0 != BlobKey.reserved }
        state.withLock { state in
            for name in names {
                let size = LocalFile.sizeBytes(ofTree: "\(folder)/\(name)")
                state.copies[name] = Copy(sizeBytes: size, holders: 0, lastUse: 0, work: nil)
            }
        }
        evict()
    }

    private var partial: String { "\(folder)/\(BlobKey.reserved)" }

    /// The files as a folder of this machine, copied if they are not there yet.
    func folder(of files: [File], at key: BlobKey) async throws -> LocalFolder {
        let name = Self.name(of: files, at: key)
        let work = state.withLock { state -> Task<Void, any Error>? in
            state.uses += 1
            if var copy = state.copies[name] {
                copy.holders += 1
                copy.lastUse = state.uses
                state.copies[name] = copy
                return copy.work
            }
            let work = Task { try await self.copy(files, as: name) }
            let size = files.reduce(0) { $0 + $1.content.totalBytes }
            state.copies[name] = Copy(sizeBytes: size, holders: 1, lastUse: state.uses, work: work)
            return work
        }
        try await work?.value
        return LocalFolder(path: "\(folder)/\(name)") { [weak self] in self?.release(name) }
    }

    /// A file as large as the object, with nothing in it yet.
    func sparseFile(of content: BlobContent) async throws -> SparseFile {
        let path = "\(partial)/\(entropy.hexID())"
        return try await threads.runIfActive { [threads] in
            try SparseFile(of: content, at: path, threads: threads)
        }
    }

    private static func name(of files: [File], at key: BlobKey) -> String {
        var hash = SHA256()
        hash.update(data: Array(key.path.utf8))
        for file in files.sorted(by: { $0.path < $1.path }) {
            let info = file.content.info
            hash.update(data: Array("\n\(file.path)\t\(info.sizeBytes)\t\(info.revision)".utf8))
        }
        return hash.finalize().prefix(16).hexadecimal
    }

    private func copy(_ files: [File], as name: String) async throws {
        let staging = "\(partial)/\(entropy.hexID())"
        do {
            try await threads.runIfActive { try LocalFile.makeFolders(staging) }
            try await withThrowingTaskGroup(of: Void.self) { copying in
                for (index, file) in files.enumerated() {
                    if index >= Self.filesAtOnce { try await copying.next() }
                    copying.addTask { [threads] in
                        _ = try await PartialFile.store(
                            file.content, to: "\(staging)/\(file.path)", by: "\(staging).\(index)", threads)
                    }
                }
                try await copying.waitForAll()
            }
            try await threads.runIfActive { [folder] in try LocalFile.move(staging, to: "\(folder)/\(name)") }
        } catch {
            state.withLock { _ = $0.copies.removeValue(forKey: name) }
            try? await threads.runIfActive { try LocalFile.removeTree(staging) }
            throw error
        }
    }

    private func release(_ name: String) {
        state.withLock { $0.copies[name]?.holders -= 1 }
        evict()
    }

    /// Removes what has been unused for longest, until the rest is small enough.
    private func evict() {
        let doomed = state.withLock { state -> [String] in
            var unused = state.copies.filter { $0.value.holders == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }[
                ...]
            var bytes = unused.reduce(0) { $0 + $1.value.sizeBytes }
            var doomed: [String] = []
            while bytes > unusedBytes, let oldest = unused.popFirst() {
                bytes -= oldest.value.sizeBytes
                state.copies[oldest.key] = nil
                // Moved at once, so that a new copy may take the name.
                let place = "\(partial)/\(entropy.hexID())"
                try? LocalFile.move("\(folder)/\(oldest.key)", to: place)
                doomed.append(place)
            }
            return doomed
        }
        for place in doomed { threads.submit { _ in try? LocalFile.removeTree(place) } }
    }
}
