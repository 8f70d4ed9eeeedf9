import TestSupport
import Testing

/// The pages of the built program over seeded data, in a real browser: one suite for each family of pages. They share the
/// browser, so they take turns.
@Suite(.serialized, .stage, .timeLimit(.minutes(10))) enum PagesInBrowser {}

/// What the suites share: a browser, and a server of each size of data, made when they are first asked for.
actor Stage {
    @TaskLocal static var current: Stage?

    private var driver: ChromeDriver?
    private var openBrowser: Browser?
    private var seeded: [DataSize: Result<SeededServer, any Error>] = [:]
    /// What keeps each server running, and what that is told when it may end.
    private var lives: [(life: Task<Void, any Error>, over: AsyncStream<Never>.Continuation)] = []

    /// The browser as it is at first: wide, light, scripts on, nothing noted.
    static func browser() async throws -> Browser {
        let browser = try await #require(current).sharedBrowser()
        try await browser.resize(width: PageCheck.wide)
        try await browser.setTheme(.light)
        try await browser.setScripts(areOn: true)
        _ = try await browser.takeLog()
        return browser
    }

    static func server(_ size: DataSize) async throws -> SeededServer {
        try await #require(current).server(size)
    }

    private func sharedBrowser() async throws -> Browser {
        if let openBrowser { return openBrowser }
        let driver = try await ChromeDriver.start()
        self.driver = driver
        let browser = try await driver.browser()
        openBrowser = browser
        return browser
    }

    private func server(_ size: DataSize) async throws -> SeededServer {
        if let server = seeded[size] { return try server.get() }
        let (servers, server) = AsyncStream.makeStream(of: SeededServer.self)
        let (isOver, over) = AsyncStream.makeStream(of: Never.self)
        let life = Task {
            defer { server.finish() }
            let folder = try TemporaryFolder()
            try await RunningServer.run(data: folder.path("data"), ["--private-webhooks"]) { running in
                server.yield(try await SeededServer(running, size: size))
                for await _ in isOver {}
            }
        }
        lives.append((life, over))
        let made = await withTaskCancellationHandler {
            await servers.first { _ in true }
        } onCancel: {
            life.cancel()
        }
        if let made {
            seeded[size] = .success(made)
            return made
        }
        // It is as wrong the next time.
        let failure = await life.result.flatMap { .failure(CancellationError()) as Result<SeededServer, any Error> }
        seeded[size] = failure
        return try failure.get()
    }

    /// Ends the servers and the browser.
    func end() async {
        for (life, over) in lives {
            over.finish()
            _ = await life.result
        }
        await driver?.end()
    }
}

/// Gives the suites a stage, and clears it when the last one is done.
struct StageTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let stage = Stage()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Stage.$current.withValue(stage, operation: function))
        } catch {
            result = .failure(error)
        }
        await stage.end()
        try result.get()
    }
}

extension Trait where Self == StageTrait {
    static var stage: StageTrait { StageTrait() }
}
