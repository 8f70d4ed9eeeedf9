import Blobs
import Runtimes
import Testing
import TrainedModels
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct DeploymentTests {
    private static func deployment(_ trainedModel: String) async throws -> Deployment {
        let folder = try await TrainedModels.get().path(trainedModel)
        return Deployment(
            variant: "main",
            version: ServedVersion(model: "clinic", version: 1, folder: LocalFolder(path: folder)),
            runtime: try await TrainedModels.runtimes().load(path: folder))
    }

    /// Lets `retire()`, which another task has begun, take hold.
    private static func waitUntilRetired(_ deployment: Deployment) async throws {
        while deployment.enter() {
            deployment.leave()
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    ///     request   enter ………………………… predict  leave
    ///     owner            retire ………………………………… close
    @Test func isNotClosedUnderARequest() async throws {
        let deployment = try await Self.deployment("obedient")
        let runtime = deployment.runtime
        #expect(deployment.enter())
        let retiring = Task { await deployment.retire() }
        try await Self.waitUntilRetired(deployment)
        let answer = try await runtime.predictions([["hello"]], columns: ["command"])
        #expect(answer == ["HELLO"])
        deployment.leave()
        await retiring.value
        #expect(!deployment.enter())
        let error = await #expect(throws: RuntimeError.self) {
            try await runtime.predictions([["hello"]], columns: ["command"])
        }
        #expect(error?.code.status == 503)
    }

    @Test func isRetiredAtOnceWhenNothingUsesIt() async throws {
        let deployment = try await Self.deployment("booster")
        #expect(deployment.enter())
        deployment.leave()
        await deployment.retire()
        #expect(!deployment.enter())
    }

    @Test func waitsForTheLastOfManyRequests() async throws {
        let deployment = try await Self.deployment("booster")
        let underWay = Tally()
        await withTaskGroup(of: Void.self) { tasks in
            for number in 0..<1000 {
                if number == 500 {
                    tasks.addTask {
                        await deployment.retire()
                        #expect(underWay["requests"] == 0)
                    }
                }
                tasks.addTask {
                    guard deployment.enter() else { return }
                    underWay.add("requests", 1)
                    for _ in 0..<10 { await Task.yield() }
                    underWay.add("requests", -1)
                    deployment.leave()
                }
            }
        }
        #expect(!deployment.enter())
    }

    @Test func namesItsVersion() {
        #expect(
            ServedVersion(model: "breast-cancer", version: 2, folder: LocalFolder(path: "/m")).label
                == "breast-cancer/2")
    }
}
