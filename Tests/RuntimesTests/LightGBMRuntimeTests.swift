import Runtimes
import Testing
import TrainedModels
import Wire

@Suite struct LightGBMRuntimeTests {
    @Test func answersWhatPyfuncAnswersToTheBit() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("booster")
        try await models.run("booster") { runtime in
            #expect(runtime.name == "lightgbm")
            let answer = try await runtime.predictions(rows, columns: columns ?? [])
            #expect(answer == expected)
        }
    }

    @Test func mapsCategoriesAndMissingValuesAsTheyWereTrained() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("categories")
        try await models.run("categories") { runtime in
            #expect(runtime.name == "lightgbm")
            let answer = try await runtime.predictions(rows, columns: columns ?? [])
            #expect(answer == expected)
        }
    }

    @Test func takesTensorsOfAModelThatWasTrainedOnAMatrix() async throws {
        let models = try await TrainedModels.get()
        let (_, rows, expected) = try models.expectation("matrix")
        try await models.run("matrix") { runtime in
            #expect(runtime.name == "lightgbm")
            guard case .tensors(let specs) = runtime.signature?.inputs else {
                Issue.record("the signature is not a tensor")
                return
            }
            let tensor = try Tensor(.array(rows.map(JSON.array)), for: specs[0])
            let answer = try await runtime.predict(.tensors([tensor]), parameters: nil).predictions
            #expect(answer == expected)
        }
    }

    @Test func answersTheSameFromManyTasksAtOnce() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("booster")
        try await models.run("booster") { runtime in
            let batches = try rows.map { try runtime.batch([$0], columns: columns ?? []) }
            let wrong = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        var wrong = 0
                        for _ in 0..<50 {
                            for (row, batch) in batches.enumerated() {
                                let output = try await runtime.predict(.table(batch), parameters: nil)
                                if output.row(0, of: 1) != expected.arrayValue?[row] { wrong += 1 }
                            }
                        }
                        return wrong
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    @Test func refusesTheWrongNumberOfColumns() async throws {
        let models = try await TrainedModels.get()
        try await models.run("booster") { runtime in
            let batch = Batch(rowCount: 1, columns: [Column(name: "mean radius", values: .doubles([1]))])
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.table(batch), parameters: nil)
            }
            #expect(error?.message == "The model takes 30 columns; the request has 1.")
            #expect(error?.code.status == 400)
        }
    }
}
