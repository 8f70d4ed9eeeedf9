import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Runtimes

@Suite(.timeLimit(.minutes(3))) struct BatchingRuntimeTests {
    /// A model that answers each row with twice its number. It can be made to wait before each answer.
    private final class Doubling: ModelRuntime {
        let name = "doubling"
        let signature: ModelSignature? = nil
        /// Whether it answers all rows with one number.
        let answersAsAWhole: Bool
        private let gate: Gate?
        private let seen = Mutex<[Int]>([])

        init(gate: Gate? = nil, answersAsAWhole: Bool = false) {
            self.gate = gate
            self.answersAsAWhole = answersAsAWhole
        }

        /// How many rows each prediction had.
        var batches: [Int] { seen.withLock { $0 } }

        func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
            guard case .table(let batch) = input, case .doubles(let numbers) = batch.columns[0].values else {
                return .document("alone")
            }
            seen.withLock { $0.append(batch.rowCount) }
            await gate?.pass()
            if numbers.contains(where: { $0 < 0 }) { throw RuntimeError(.badRequest, "There is a negative number.") }
            if answersAsAWhole { return .json(.double(numbers.reduce(0, +))) }
            let factor = parameters?["factor"]?.doubleValue ?? 2
            return .tensor(Tensor(shape: [numbers.count], values: .doubles(numbers.map { $0 * factor })))
        }

        func obstacle() -> RuntimeError? { nil }
        func close() {}
    }

    /// Holds back predictions until it is opened; afterwards lets others run in between.
    private actor Gate {
        private var isOpen = false
        private var held: [CheckedContinuation<Void, Never>] = []

        func pass() async {
            guard isOpen else { return await withCheckedContinuation { held.append($0) } }
            for _ in 0..<Int.random(in: 0...4) { await Task.yield() }
        }

        func open() {
            isOpen = true
            for continuation in held { continuation.resume() }
            held = []
        }

        var count: Int { held.count }
    }

    @Test func answersAsIfEachRequestWereAlone() async throws {
        let model = Doubling(gate: await Self.openGate())
        let runtime = Self.batching(model, rows: 16, lanes: 2)
        for _ in 0..<20 {
            let requests = (0..<60).map { _ in
                ((0..<Int.random(in: 1...5)).map { _ in Double.random(in: 0...9) }, Bool.random() ? 2.0 : 3.0)
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (numbers, factor) in requests {
                    tasks.addTask {
                        let output = try await runtime.predict(
                            Self.rows(numbers), parameters: ["factor": .double(factor)])
                        let expected = Tensor(
                            shape: [numbers.count], values: .doubles(numbers.map { $0 * factor }))
                        #expect(output == .tensor(expected))
                    }
                }
                try await tasks.waitForAll()
            }
        }
        #expect(model.batches.contains { $0 > 5 })
        #expect(model.batches.allSatisfy { $0 <= 16 })
    }

    @Test func spoilsNobodysAnswerForABadRow() async throws {
        let gate = Gate()
        let runtime = Self.batching(Doubling(gate: gate), rows: 16)
        let first = Task { try await runtime.predict(Self.rows([1]), parameters: nil) }
        try await Self.wait { await gate.count == 1 }
        let others = [2, -3, 4].map { number in
            Task { try await runtime.predict(Self.rows([number]), parameters: nil) }
        }
        try await Self.wait { runtime.waitingCount == 3 }
        await gate.open()
        _ = try await first.value
        #expect(try await others[0].value == Self.answer([4]))
        let error = await #expect(throws: RuntimeError.self) { try await others[1].value }
        #expect(error?.message == "There is a negative number.")
        #expect(try await others[2].value == Self.answer([8]))
    }

    @Test func stopsPuttingTogetherWhatAModelAnswersAsAWhole() async throws {
        let gate = Gate()
        let model = Doubling(gate: gate, answersAsAWhole: true)
        let runtime = Self.batching(model, rows: 16)
        let first = Task { try await runtime.predict(Self.rows([1]), parameters: nil) }
        try await Self.wait { await gate.count == 1 }
        let others = [2, 3].map { number in
            Task { try await runtime.predict(Self.rows([number]), parameters: nil) }
        }
        try await Self.wait { runtime.waitingCount == 2 }
        await gate.open()
        _ = try await first.value
        #expect(try await [others[0].value, others[1].value] == [.json(.double(2)), .json(.double(3))])
        #expect(model.batches == [1, 2, 1, 1])
    }

    @Test func answersThoseThatWaitTooLongAndForgetsThoseThatLeave() async throws {
        let gate = Gate()
        let model = Doubling(gate: gate)
        let runtime = Self.batching(model, rows: 16, longestLine: 2)
        let first = Task { try await runtime.predict(Self.rows([1]), parameters: nil) }
        try await Self.wait { await gate.count == 1 }
        let leaving = Task { try await runtime.predict(Self.rows([2]), parameters: nil) }
        let hasty = Task {
            let soon = PredictionContext(deadline: .now + .milliseconds(1))
            return try await runtime.predict(Self.rows([3]), parameters: nil, context: soon)
        }
        try await Self.wait { runtime.waitingCount == 2 || runtime.waitingCount == 1 }
        let late = await #expect(throws: RuntimeError.self) { try await hasty.value }
        #expect(late?.code.status == 504)
        try await Self.wait { runtime.waitingCount == 1 }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        #expect(runtime.waitingCount == 0)
        await gate.open()
        #expect(try await first.value == Self.answer([2]))
        #expect(model.batches == [1])
    }

    @Test func refusesMoreThanMayWait() async throws {
        let gate = Gate()
        let runtime = Self.batching(Doubling(gate: gate), rows: 16, longestLine: 0)
        let first = Task { try await runtime.predict(Self.rows([1]), parameters: nil) }
        try await Self.wait { await gate.count == 1 }
        let error = await #expect(throws: RuntimeError.self) {
            try await runtime.predict(Self.rows([2]), parameters: nil)
        }
        #expect(error?.code.status == 429)
        await gate.open()
        _ = try await first.value
    }

    @Test func keepsRequestsBackForOthersUntilTheBatchIsFull() async throws {
        let model = Doubling()
        let runtime = Self.batching(model, rows: 3, delay: .seconds(3600))
        async let one = runtime.predict(Self.rows([1]), parameters: nil)
        async let two = runtime.predict(Self.rows([2, 3]), parameters: nil)
        #expect(try await one == Self.answer([2]))
        #expect(try await two == Self.answer([4, 6]))
        #expect(model.batches == [3])
    }

    @Test func keepsARequestBackForNoLongerThanItMay() async throws {
        let runtime = Self.batching(Doubling(), rows: 3, delay: .milliseconds(5))
        #expect(try await runtime.predict(Self.rows([1]), parameters: nil) == Self.answer([2]))
        let patient = Self.batching(Doubling(), rows: 3, delay: .seconds(3600))
        let context = PredictionContext(deadline: .now + .seconds(3))
        let output = try await patient.predict(Self.rows([1]), parameters: nil, context: context)
        #expect(output == Self.answer([2]))
    }

    @Test func tellsApartWhatMustNotGoTogether() {
        let plain = Column(name: "a", values: .int64s([1]))
        let gappy = Column(name: "a", values: .int64s([0]), validity: [false])
        let kinds = [
            BatchKind(.table(Batch(rowCount: 1, columns: [plain])), parameters: nil),
            BatchKind(.table(Batch(rowCount: 1, columns: [gappy])), parameters: nil),
            BatchKind(.table(Batch(rowCount: 1, columns: [plain])), parameters: ["seed": 1]),
            BatchKind(.tensors([Tensor(shape: [1, 2], values: .doubles([1, 2]))]), parameters: nil),
            BatchKind(.tensors([Tensor(shape: [1, 1], values: .doubles([1]))]), parameters: nil),
        ]
        for (index, kind) in kinds.enumerated() { #expect(kinds.firstIndex(of: kind) == index) }
        #expect(BatchKind(.document("x"), parameters: nil) == nil)
        let ragged = [
            Tensor(name: "a", shape: [2], values: .doubles([1, 2])), Tensor(shape: [], values: .bools([true])),
        ]
        #expect(BatchKind(.tensors(ragged), parameters: nil) == nil)
    }

    @Test func joinsAndSplitsTensors() {
        let inputs = [[1, 2], [3, 4, 5, 6]].map { numbers in
            ModelInput.tensors([Tensor(shape: [numbers.count / 2, 2], values: .doubles(numbers))])
        }
        let joined = Tensor(shape: [3, 2], values: .doubles([1, 2, 3, 4, 5, 6]))
        #expect(ModelInput.joined(inputs) == .tensors([joined]))
        let parts = ModelOutput.tensor(joined).split(rows: [1, 2])
        let expected = [
            Tensor(shape: [1, 2], values: .doubles([1, 2])), Tensor(shape: [2, 2], values: .doubles([3, 4, 5, 6])),
        ]
        #expect(parts == expected.map(ModelOutput.tensor))
        #expect(ModelOutput.json([["a": 1], ["a": 2]]).split(rows: [1, 1]) == [.json([["a": 1]]), .json([["a": 2]])])
        #expect(ModelOutput.json([1, 2]).split(rows: [1, 2]) == nil)
        #expect(ModelOutput.tensor(joined).split(rows: [1, 1]) == nil)
    }

    // MARK: Means

    private static func openGate() async -> Gate {
        let gate = Gate()
        await gate.open()
        return gate
    }

    private static func batching(
        _ model: Doubling, rows: Int, delay: Duration = .zero, lanes: Int = 1, longestLine: Int = 256
    ) -> BatchingRuntime {
        BatchingRuntime(
            model, settings: BatchSettings(rows: rows, delay: delay), lanes: lanes, longestLine: longestLine,
            group: MultiThreadedEventLoopGroup.singleton, logger: LiveServer.quiet)
    }

    private static func rows(_ numbers: [Double]) -> ModelInput {
        .table(Batch(rowCount: numbers.count, columns: [Column(name: "number", values: .doubles(numbers))]))
    }

    private static func answer(_ numbers: [Double]) -> ModelOutput {
        .tensor(Tensor(shape: [numbers.count], values: .doubles(numbers)))
    }

    private static func wait(until condition: () async -> Bool) async throws {
        while await !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
