import Runtimes
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite struct RequestNumbersTests {
    private let folder: TemporaryFolder
    private let witness = Witness()

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Remembers what it was told, unless it fails.
    private final class Witness: Sendable {
        struct Failure: Error {}

        private let state = Mutex((groups: [PredictionGroup](), failures: 0))

        var groups: [PredictionGroup] { state.withLock { $0.groups } }

        func fail(_ times: Int) {
            state.withLock { $0.failures = times }
        }

        var observer: PredictionObserver {
            PredictionObserver(name: "witness") { [self] group in
                try state.withLock { state in
                    state.failures -= 1
                    if state.failures >= 0 { throw Failure() }
                    state.groups.append(group)
                }
            }
        }
    }

    private func open() async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: .system, entropy: .system, observers: [witness.observer],
            logger: LiveServer.quiet)
    }

    private static func settle(_ log: PredictionLog) async throws {
        _ = try await log.predictions(PredictionQuery())
        while let telling = await log.telling { await telling.value }
    }

    /// A request whose cells all tell where they are.
    private static func request(_ number: Int, rows: Int, isMatrix: Bool = true) -> LoggedRequest {
        let names = ["age", "weight", "height"]
        let cells = (0..<rows * names.count).map { Double(number) + Double($0) / 1000 }
        let matrix = Batch(
            rowCount: rows,
            matrix: Batch.Matrix(columns: names.map { ColumnSpec(name: $0, type: .double) }, values: cells))
        let batch = isMatrix ? matrix : Batch(rowCount: rows, columns: matrix.columns)
        let scores = Tensor(shape: [rows], values: .doubles((0..<rows).map { Double(number) - Double($0) / 1000 }))
        return request(.table(batch), .tensor(scores), rows: rows)
    }

    private static func request(_ input: ModelInput, _ output: ModelOutput, rows: Int) -> LoggedRequest {
        LoggedRequest(
            endpoint: "churn", variant: "b", model: "churn", version: 2, latencyUs: 1, caller: "ada", input: input,
            output: output, rowCount: rows)
    }

    /// Holds what a group says in numbers against what it says in texts.
    /// - Returns: how many rows it says in numbers.
    private static func compare(_ group: PredictionGroup) throws -> Int {
        var rows = 0
        for (first, known) in group.numbers.enumerated() {
            guard let known else { continue }
            rows += known.rowCount
            #expect(group.predictions[first].id.row ?? 0 == 0)
            for row in 0..<known.rowCount {
                let prediction = group.predictions[first + row]
                let inputs = try JSON.parse(prediction.inputs.text)
                #expect(inputs.memberList?.map(\.key) == known.names)
                let cells = known.inputs[row * known.width..<(row + 1) * known.width]
                #expect(inputs.memberList?.map(\.value.doubleValue) == Array(cells))
                #expect(try JSON.parse(prediction.output.text).doubleValue == known.outputs?[row])
            }
        }
        return rows
    }

    @Test func comeWithTheRowsThatTheyAreOf() async throws {
        let log = try await open()
        // The largest are too long for who appends them to write them, so that several are written at once.
        let sizes = [1, 1, 7, 1, 2_000, 1, 40, 1, 1, 2_000, 3]
        for round in 0..<4 {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (place, rows) in sizes.enumerated() {
                    tasks.addTask {
                        let request = Self.request(100 * round + place, rows: rows, isMatrix: place % 3 > 0)
                        let policy = LogPolicy(durability: place % 4 == 1 ? .disk : .process)
                        _ = try await log.append(request, policy: policy)
                    }
                }
                try await tasks.waitForAll()
            }
            try await Self.settle(log)
        }
        #expect(try witness.groups.map(Self.compare).reduce(0, +) == 4 * sizes.reduce(0, +))
    }

    @Test func areForgottenWithTheProcessAndByWhoMissedThem() async throws {
        let log = try await open()
        witness.fail(1)
        _ = try await log.append(Self.request(1, rows: 3))
        try await Self.settle(log)
        for number in 2...3 {
            _ = try await log.append(Self.request(number, rows: 2))
            try await Self.settle(log)
        }
        let next = try await open()
        _ = try await next.append(Self.request(4, rows: 4))
        try await Self.settle(next)
        let groups = witness.groups.filter { !$0.predictions.isEmpty }
        // Of what it was told again after it had failed, and after the restart, there is only what the journal says.
        #expect(groups.map(\.predictions.count) == [3, 2, 2, 7, 4])
        #expect(try groups.map(Self.compare) == [0, 2, 2, 0, 4])
    }

    @Test func areThoseOfTablesOfNumbersThatAreInTheLogAsTheyCame() async throws {
        let log = try await open()
        let names = Column(name: "name", values: .strings(["ann"]))
        let ages = Column(name: "age", values: .int32s([41]))
        let score = ModelOutput.tensor(Tensor(shape: [1], values: .floats([0.25])))
        let tensor = ModelInput.tensors([Tensor(shape: [1, 2], values: .doubles([1, 2]))])
        for input in [.table(Batch(rowCount: 1, columns: [names, ages])), tensor, .document(["age": 41])] {
            _ = try await log.append(Self.request(input, score, rows: 1))
        }
        _ = try await log.append(Self.request(1, rows: 1), policy: LogPolicy(mask: ColumnMask(["weight"])))
        _ = try await log.append(Self.request(1, rows: 1), policy: LogPolicy(samplePercent: 0))
        _ = try await log.append(Self.request(.table(Batch(rowCount: 1, columns: [ages])), .json(0.5), rows: 1))
        _ = try await log.append(Self.request(.table(Batch(rowCount: 1, columns: [ages])), score, rows: 1))
        try await Self.settle(log)
        let numbers = witness.groups.flatMap(\.numbers)
        #expect(numbers.map { $0?.inputs } == [nil, nil, nil, nil, nil, [41], [41]])
        #expect(numbers.map { $0?.outputs } == [nil, nil, nil, nil, nil, nil, [0.25]])
    }

    @Test func areHeldAsLongAsThereIsRoom() async throws {
        let journal = try PredictionJournal(
            folder: folder.path("journal"), after: nil, limits: PredictionJournal.Limits(heldNumbers: 20))
        func append(_ count: Int) async throws {
            for number in 0..<count {
                _ = try await journal.append(
                    Self.request(number, rows: 1), at: Timestamp(milliseconds: 1), entropy: .system)
            }
        }
        try await append(7)
        let first = try #require(try journal.unstored())
        // Four numbers a row.
        #expect(first.numbers.map(\.numbers.inputs[0]) == [0, 1, 2, 3, 4])
        journal.markStored(first)
        try await append(2)
        let second = try #require(try journal.unstored())
        #expect(second.numbers.map(\.numbers.inputs[0]) == [0, 1])
    }
}
