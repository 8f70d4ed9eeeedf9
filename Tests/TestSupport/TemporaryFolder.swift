import Synchronization

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

/// A folder of one test's own, gone with everything in it when the test lets go of it.
package final class TemporaryFolder: Sendable {
    /// Absolute, without a slash at the end.
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        remove()
    }

    private func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A folder that tests share until the process ends, which takes it along.
    package static func untilExit() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let isFirst = atExit.withLock { folders in
            folders.append(folder)
            return folders.count == 1
        }
        if isFirst { atexit { TemporaryFolder.atExit.withLock { $0.forEach { $0.remove() } } } }
        return folder
    }

    private static let atExit = Mutex<[TemporaryFolder]>([])

    /// The path of `name` in the folder.
    package func path(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file, and the folders on the way to it.
    /// - Returns: its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let place = path(name)
        let parent = String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)])
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: place))
        return place
    }
}
