import Foundation
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Blocking calls on local files, with errors in words.
enum LocalFile {
    static func makeFolders(_ path: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw failure(ENOSPC, path)
        } catch {
            throw BlobError(
                .invalidParameterValue,
                "The folder '\(path)' cannot be made: a file is in the way, or it is not writable.")
        }
    }

    static func removeTree(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// None where there is no folder.
    static func names(in path: String) throws -> [String] {
        var names: [String] = []
        try forEachName(in: path) { names.append($0) }
        return names
    }

    /// Hands over the names in a folder as they are read, in no order; none where there is no folder.
    static func forEachName(in path: String, _ body: (String) -> Void) throws {
        guard let folder = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw failure(errno, path)
        }
        defer { closedir(folder) }
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { body(name) }
        }
        if errno != 0 { throw failure(errno, path) }
    }

    /// Nil when there is nothing at `path`.
    static func info(_ path: String, name: String) throws -> BlobInfo? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(errno, path)
        }
        return BlobInfo(status, name: name)
    }

    /// Gives a file or a folder another name.
    static func move(_ path: String, to target: String) throws {
        guard rename(path, target) == 0 else { throw failure(errno, target) }
    }

    /// What all files below a folder have together.
    static func sizeBytes(ofTree path: String) -> Int {
        let paths = FileManager.default.subpaths(atPath: path) ?? []
        return paths.reduce(0) { $0 + ((try? info("\(path)/\($1)", name: $1))?.sizeBytes ?? 0) }
    }

    static func failure(_ code: Int32, _ path: String) -> BlobError {
        switch code {
        case ENOSPC, EDQUOT:
            BlobError(
                .storageFull, "The disk that holds the artifacts is full; nothing of this file was stored.",
                hint: "Free some space and send it again.")
        case ENAMETOOLONG: BlobError(.invalidParameterValue, "Invalid path: a name in it is too long.")
        case EISDIR, ENOTDIR, EEXIST, ENOTEMPTY:
            BlobError(.invalidParameterValue, "A folder and a file cannot share the name '\(path)'.")
        default: BlobError(.internalError, "'\(path)': \(String(cString: strerror(code)))")
        }
    }
}

extension BlobInfo {
    init(_ status: stat, name: String) {
        let written = status.st_mtim
        let modifiedAt = Timestamp(milliseconds: Int64(written.tv_sec) * 1000 + Int64(written.tv_nsec) / 1_000_000)
        guard status.st_mode & S_IFMT != S_IFDIR else {
            self = .folder(name, modifiedAt: modifiedAt)
            return
        }
        self.init(
            name: name, isFolder: false, sizeBytes: Int(status.st_size), modifiedAt: modifiedAt,
            // Two writes within a tick of the file system's clock are different files: each is put in place by renaming.
            revision: "\(status.st_size)-\(written.tv_sec).\(written.tv_nsec)-\(status.st_ino)")
    }
}
