import Foundation
import Natives
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whom the processes of models run as.
package enum WorkerUser: Sendable, Hashable {
    /// As `nobody` when the server is root and `nobody` can read Python and the model, else as the server does.
    case automatic
    /// As the server does.
    case server
    /// A user of this machine, by name; only root can start processes of others.
    case named(String)
}

extension WorkerUser {
    /// - Parameter text: a user's name, or `server` for the server's own; nil for `automatic`.
    package init(_ text: String?) {
        switch text {
        case nil: self = .automatic
        case "server": self = .server
        case .some(let name): self = .named(name)
        }
    }
}

/// A user of this machine, by numbers.
struct Account: Sendable, Hashable {
    let name: String
    let user: uid_t
    let group: gid_t

    /// Nil when the machine knows no such user. Blocks.
    init?(name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let isFound = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            guard let start = buffer.baseAddress else { return false }
            return getpwnam_r(name, &entry, start, buffer.count, &found) == 0 && found != nil
        }
        guard isFound else { return nil }
        self.init(name: name, user: entry.pw_uid, group: entry.pw_gid)
    }

    init(name: String, user: uid_t, group: gid_t) {
        self.name = name
        self.user = user
        self.group = group
    }

    /// Whether the modes of a file or folder, and of all folders above it, let the account read it. Blocks.
    func canRead(_ path: String) -> Bool {
        guard let whole = realpath(path, nil) else { return false }
        defer { free(whole) }
        var folder = String(cString: whole)
        guard grants(folder, bits: Self.readBit) else { return false }
        while folder != "/", let slash = folder.lastIndex(of: "/") {
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
            guard grants(folder, bits: Self.searchBit) else { return false }
        }
        return true
    }

    private static let readBit: mode_t = 4
    private static let searchBit: mode_t = 1

    private func grants(_ path: String, bits: mode_t) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let wanted = isFolder ? bits | Self.searchBit : bits
        let shift: mode_t = status.st_uid == user ? 6 : status.st_gid == group ? 3 : 0
        return status.st_mode >> shift & wanted == wanted
    }
}

extension WorkerUser {
    /// The account for a model's processes; nil for the server's own. Blocks.
    /// - Parameters:
    ///   - folder: the model's.
    ///   - refuse: told why the server's own account is taken although another was to be preferred.
    /// - Throws: `RuntimeError` when the account that was asked for cannot be taken.
    func account(folder: String, python: PythonInterpreter, refuse: (String) -> Void) throws -> Account? {
        switch self {
        case .server: return nil
        case .automatic:
            guard geteuid() == 0, let nobody = Account(name: "nobody") else { return nil }
            guard let obstacle = nobody.obstacle(folder: folder, python: python) else { return nobody }
            refuse("\(obstacle.reason), so the model runs as root; \(obstacle.cure).")
            return nil
        case .named(let name):
            guard let account = Account(name: name) else {
                throw RuntimeError.invalidInput(
                    "This machine has no user '\(name)'.", hint: "Name another in MARTLET_WORKER_USER.")
            }
            guard geteuid() != account.user else { return nil }
            guard geteuid() == 0 else {
                throw RuntimeError(
                    .permissionDenied, "Only a server that runs as root can run models as '\(name)'.",
                    hint: "Unset MARTLET_WORKER_USER, or start the server as root.")
            }
            if let obstacle = account.obstacle(folder: folder, python: python) {
                throw RuntimeError.invalidInput(
                    "No model can run as '\(name)': \(obstacle.reason).",
                    hint: "To run it so, \(obstacle.cure); or name another user in MARTLET_WORKER_USER.")
            }
            return account
        }
    }
}

extension Account {
    /// What keeps the account from being taken, and what helps; nil when nothing does.
    fileprivate func obstacle(folder: String, python: PythonInterpreter) -> (reason: String, cure: String)? {
        if access(Self.switcher, X_OK) != 0 {
            return ("there is no \(Self.switcher), which changes users", "install util-linux")
        }
        return hidden(folder: folder, python: python).map { path in
            ("\(name) cannot read \(path)", "make it readable for all")
        }
    }

    /// The first thing that the account cannot read of what a worker needs; nil when it can read all.
    private func hidden(folder: String, python: PythonInterpreter) -> String? {
        if let path = python.path, !canRead(path) { return path }
        if !canRead(folder) { return folder }
        let files = FileManager.default.enumerator(atPath: folder)
        while let file = files?.nextObject() as? String {
            if !canRead("\(folder)/\(file)") { return "\(folder)/\(file)" }
        }
        return nil
    }
}

extension Account {
    /// The program of util-linux that becomes somebody else and then the program that it is told, and how to tell it who.
    ///
    /// `Subprocess` could do so itself, and would now and then stop for good: on Linux it copies the process by a bare
    /// `clone3`, and glibc's `setuid` waits in the copy for the threads that were about to begin in the original.
    var switching: (path: String, arguments: [String]) {
        (Self.switcher, ["--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"])
    }

    fileprivate static let switcher = "/usr/bin/setpriv"
}

extension PythonInterpreter {
    /// Where it is; nil when it is nowhere. Blocks.
    var path: String? {
        if executable.contains("/") { return executable }
        let folders = environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { "\($0)/\(executable)" }.first { access($0, X_OK) == 0 }
    }
}
