/// A folder of this machine with files of the store. It stays as it is for as long as somebody holds on to this value.
package final class LocalFolder: Sendable {
    /// Absolute, without a slash at the end.
    package let path: String
    private let release: @Sendable () -> Void

    /// - Parameter release: called once nobody holds on to the folder any more.
    package init(path: String, release: @escaping @Sendable () -> Void = {}) {
        self.path = path
        self.release = release
    }

    deinit {
        release()
    }
}

extension LocalFolder: Hashable {
    package static func == (one: LocalFolder, other: LocalFolder) -> Bool { one.path == other.path }
    package func hash(into hasher: inout Hasher) { hasher.combine(path) }
}
