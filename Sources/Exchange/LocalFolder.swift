import Foundation
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What stands in folders of this machine, which somebody else may have filled: links do not lead out of them or round in
/// circles, and only files are read as files.
enum LocalFolder {
    struct Entry: Sendable, Hashable {
        let name: String
        let form: Form
    }

    enum Form: Sendable, Hashable {
        case folder
        case file(sizeBytes: Int)
        /// Neither, and why it is not read.
        case obstacle(String)
    }

    /// What stands directly in a folder, by name.
    /// - Parameter root: the folder that links may not lead out of.
    /// - Throws: `ExchangeError` when it cannot be read.
    static func entries(of path: String, within root: String) throws -> [Entry] {
        guard let folder = opendir(path) else { throw unreadable(path) }
        defer { closedir(folder) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let found = readdir(folder) else {
                guard errno == 0 else { throw unreadable(path) }
                return entries.sorted { $0.name < $1.name }
            }
            let bytes = withUnsafeBytes(of: &found.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard bytes != Array(".".utf8), bytes != Array("..".utf8) else { continue }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                entries.append(
                    Entry(name: String(decoding: bytes, as: UTF8.self), form: .obstacle("its name is not UTF-8")))
                continue
            }
            entries.append(Entry(name: name, form: form(of: "\(path)/\(name)", within: root)))
        }
    }

    private static func form(of path: String, within root: String) -> Form {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .obstacle(words(errno)) }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, stat(path, &status) != 0 { return .obstacle("it is a link that leads nowhere: \(words(errno))") }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return isLink ? .obstacle("it is a link to a folder, which is not followed") : .folder
        case S_IFREG:
            guard isLink, !leads(path, into: root) else { return .file(sizeBytes: Int(status.st_size)) }
            return .obstacle("it is a link to a file outside of its folder, which is not followed")
        default: return .obstacle("it is neither a file nor a folder")
        }
    }

    private static func leads(_ path: String, into root: String) -> Bool {
        guard let target = resolved(path), let root = resolved(root) else { return false }
        return target.hasPrefix(root + "/")
    }

    private static func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }

    private static func unreadable(_ path: String) -> ExchangeError {
        ExchangeError(.invalidParameterValue, "\(path) cannot be read: \(words(errno)).")
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The most bytes of a file that is read as one text.
    private static let maximumTextBytes = 64 << 20

    /// - Throws: `ExchangeError` for what is no file of text, and for one that is too long to be held.
    static func text(_ path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreadable(path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumTextBytes else {
            throw ExchangeError(.invalidParameterValue, "\(path) is no file of up to \(maximumTextBytes >> 20) MiB.")
        }
        guard let data = FileManager.default.contents(atPath: path) else { throw unreadable(path) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ExchangeError(.invalidParameterValue, "\(path) is not UTF-8.")
        }
        return text
    }
}
