import Natives
import TestSupport
import Testing
import Wire

@testable import Runtimes

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct WorkerUserTests {
    private static let python = PythonInterpreter(executable: "sh", environment: ["PATH": "/nowhere:/bin"])
    /// A user with no rights to anything of root's.
    private static let stranger = Account(name: "stranger", user: 54321, group: 54321)

    @Test func readsWhatAllMayReadBelowFoldersThatAllMayEnter() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x", to: "model/weights")
        chmod(file, 0o644)
        #expect(Self.stranger.canRead(file))
        chmod(file, 0o600)
        #expect(!Self.stranger.canRead(file))
        chmod(file, 0o644)
        chmod(folder.path("model"), 0o700)
        #expect(!Self.stranger.canRead(file))
        #expect(!Self.stranger.canRead(folder.path("nothing")))
        let owner = Account(name: "owner", user: geteuid(), group: getegid())
        #expect(owner.canRead(file))
    }

    @Test func isTheServersOwnWhenToldSo() throws {
        #expect(WorkerUser("server") == .server)
        #expect(WorkerUser(nil) == .automatic)
        #expect(try WorkerUser.server.account(folder: "/", python: Self.python) { _ in } == nil)
    }

    @Test func refusesAUserThatThereIsNot() throws {
        let error = #expect(throws: RuntimeError.self) {
            try WorkerUser("no-such-user").account(folder: "/", python: Self.python) { _ in }
        }
        #expect(error?.message == "This machine has no user 'no-such-user'.")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can change users"))
    func takesNobodyWhereNobodyCanReadTheModel() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x", to: "weights")
        chmod(file, 0o644)
        let account = try WorkerUser.automatic.account(folder: folder.path, python: Self.python) { _ in }
        #expect(account?.name == "nobody")
        chmod(file, 0o600)
        var reasons: [String] = []
        let none = try WorkerUser.automatic.account(folder: folder.path, python: Self.python) { reasons.append($0) }
        #expect(none == nil)
        #expect(reasons.count == 1 && reasons.first?.contains("/weights") == true)
        #expect(throws: RuntimeError.self) {
            try WorkerUser.named("nobody").account(folder: folder.path, python: Self.python) { _ in }
        }
    }
}
