import Testing
import Wire

@testable import Runtimes

@Suite struct WorkerPoolTests {
    /// A pool that an expectation can change: it cannot change a value, but what that refers to.
    private final class Box {
        private(set) var pool: WorkerPool

        init(_ pool: WorkerPool) {
            self.pool = pool
        }

        func take() throws -> Int? { try pool.take() }
        func wait(_ request: Int, isFirst: Bool = false) { pool.wait(request, isFirst: isFirst) }
        func abandon(_ request: Int) { pool.abandon(request) }
        func answered(_ worker: Int, bytes: Int? = nil) -> WorkerPool.Next { pool.answered(worker, bytes: bytes).0 }
        func successor(_ worker: Int, bytes: Int? = nil) -> Int? { pool.answered(worker, bytes: bytes).successor }
        func add() -> Int { pool.add() }
        func loaded(_ worker: Int, bytes: Int? = nil) -> WorkerPool.Next { pool.loaded(worker, bytes: bytes).0 }
        func leaving(for worker: Int) -> [Int] { pool.loaded(worker, bytes: nil).leaving }
        func grow() -> Int? { pool.grow() }
        func ended(_ worker: Int, reason: String) -> Duration? { pool.ended(worker, reason: reason) }
        func restart(_ worker: Int) -> Bool { pool.restart(worker) }
        func turnAway() -> [Int] { pool.turnAway() }
        func stop() { pool.stop() }
    }

    @Test func startsWithOneAndGrowsWhileItAnswers() throws {
        let test = Box(WorkerPool(size: 3, longestLine: 8, backOff: BackOff()))
        #expect(test.add() == 1)
        #expect(test.pool.obstacle?.message.hasSuffix("The model is being loaded.") == true)
        _ = test.loaded(1)
        #expect(test.pool.obstacle == nil)
        #expect(test.pool.remark == "1 of the model's 3 processes answer. ")
        #expect(test.grow() == 2)
        #expect(test.pool.remark == "1 of the model's 3 processes answer. The model is being loaded.")
        #expect(try test.take() == 1)
        _ = test.loaded(2)
        #expect(test.grow() == 3)
        #expect(test.grow() == nil)
        _ = test.loaded(3)
        #expect(test.pool.remark == nil)
    }

    @Test func letsRequestsWaitInOrderAndNoMoreThanMay() throws {
        let test = Self.ready(size: 1, longestLine: 2)
        #expect(try test.take() == 1)
        for request in [7, 8] {
            #expect(try test.take() == nil)
            test.wait(request)
        }
        let refusal = #expect(throws: RuntimeError.self) { try test.take() }
        #expect(refusal?.code.status == 429)
        #expect(test.answered(1) == .request(7))
        #expect(test.answered(1) == .request(8))
        #expect(test.answered(1) == .rest)
    }

    @Test func putsARequestThatHasWaitedBeforeFirst() throws {
        let test = Self.ready(size: 1)
        _ = try test.take()
        test.wait(1)
        test.wait(2, isFirst: true)
        #expect(test.pool.line == [2, 1])
        test.abandon(2)
        #expect(test.answered(1) == .request(1))
    }

    @Test func keepsThoseThatWaitAsLongAsOneWorkerAnswers() throws {
        let test = Self.ready(size: 2)
        #expect(try [test.take(), test.take()] == [1, 2])
        test.wait(5)
        #expect(test.ended(1, reason: "signal 11") != nil)
        #expect(test.turnAway() == [])
        #expect(
            test.pool.remark == "1 of the model's 2 processes answer. "
                + "The model's process ended (signal 11) and is restarted.")
        #expect(test.ended(2, reason: "signal 11") != nil)
        #expect(test.turnAway() == [5])
        #expect(
            test.pool.obstacle?.message == "None of the model's 2 processes answers. "
                + "The model's process ended (signal 11) and is restarted.")
        #expect(throws: RuntimeError.self) { try test.take() }
    }

    @Test func givesAWorkerThatIsBackToThoseThatWait() throws {
        let test = Self.ready(size: 2)
        _ = try (test.take(), test.take())
        test.wait(5)
        _ = test.ended(2, reason: "exit code 1")
        #expect(test.restart(2))
        #expect(test.loaded(2) == .request(5))
    }

    @Test func isACrashLoopWhenAllAre() {
        let test = Self.ready(size: 2, backOff: BackOff(crashLoopAfter: 1))
        _ = test.ended(1, reason: "signal 11")
        #expect(test.pool.obstacle == nil)
        _ = test.ended(2, reason: "signal 11")
        #expect(test.pool.obstacle?.message.contains("ended 1 times in a row (signal 11)") == true)
        #expect(test.pool.obstacle?.retryAfterSeconds == 30)
    }

    @Test func replacesAWornWorkerWithoutStoppingToAnswer() throws {
        let test = Self.ready(size: 1, wear: WorkerPool.Wear(afterRequests: 2))
        #expect(try test.take() == 1)
        #expect(test.successor(1) == nil)
        #expect(try test.take() == 1)
        #expect(test.successor(1) == 2)
        // The old one answers until the new one can.
        #expect(test.pool.obstacle == nil)
        #expect(try test.take() == 1)
        test.wait(9)
        #expect(test.loaded(2) == .request(9))
        #expect(test.answered(1) == .leave)
        #expect(test.ended(1, reason: "signal 15") == nil)
        #expect(test.pool.phase(of: 1) == nil)
        #expect(test.pool.remark == nil)
    }

    @Test func letsAnIdleWornWorkerLeaveAtOnce() throws {
        let test = Self.ready(size: 1, wear: WorkerPool.Wear(afterRequests: 1))
        _ = try test.take()
        #expect(test.successor(1) == 2)
        #expect(test.leaving(for: 2) == [1])
        #expect(try test.take() == 2)
    }

    @Test(arguments: [(40, nil), (160, nil), (176, 2)] as [(Int, Int?)])
    func isWornThreeQuartersOfTheWayToItsLimit(bytes: Int, successor: Int?) throws {
        let test = Box(
            WorkerPool(
                size: 1, longestLine: 1, backOff: BackOff(), wear: WorkerPool.Wear(memoryBytes: 200)))
        _ = test.add()
        _ = test.loaded(1, bytes: 100)
        _ = try test.take()
        #expect(test.successor(1, bytes: bytes) == successor)
    }

    @Test func startsNothingOnceStopped() {
        let test = Self.ready(size: 1)
        test.stop()
        #expect(test.pool.obstacle?.message == "The model is no longer served here.")
        #expect(test.ended(1, reason: "signal 15") == nil)
        #expect(test.grow() == nil)
    }

    /// Every worker loaded.
    private static func ready(
        size: Int, longestLine: Int = 8, backOff: BackOff = BackOff(), wear: WorkerPool.Wear = WorkerPool.Wear()
    ) -> Box {
        var pool = WorkerPool(size: size, longestLine: longestLine, backOff: backOff, wear: wear)
        for _ in 0..<size {
            let worker = pool.add()
            _ = pool.loaded(worker, bytes: nil)
        }
        return Box(pool)
    }
}
