import Runtimes
import Testing
import TrainedModels
import Wire

@Suite(.timeLimit(.minutes(2))) struct XGBoostRuntimeTests {
    @Test(
        arguments: [
            "xgb_booster", "xgb_json", "xgb_softmax", "xgb_matrix", "xgb_classifier", "xgb_classes",
            "xgb_softmax_classes", "xgb_labels", "xgb_regressor", "xgb_forest", "xgb_stopped", "xgb_stopped_regressor",
            "xgb_mixed",
        ])
    func answersWhatPyfuncAnswersToTheBit(name: String) async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation(name)
        try await models.run(name) { runtime in
            #expect(runtime.name == "xgboost")
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer == expected)
            // And of each row by itself, which goes another way.
            for (row, expected) in zip(rows, try models.singles(name)) {
                let answer = try await runtime.predictions([row], columns: columns)
                #expect(answer == expected)
            }
        }
    }

    @Test(arguments: ["xgb_linear", "xgb_dart"])
    func leavesToPythonWhatItCannotAnswerAlike(name: String) async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation(name)
        try await models.run(name) { runtime in
            #expect(runtime.name == "python")
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer == expected)
        }
    }

    @Test func answersTheSameFromManyTasksAtOnce() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("xgb_booster")
        try await models.run("xgb_booster") { runtime in
            let batches = try rows.map { try runtime.batch([$0], columns: columns ?? []) }
            let wrong = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        var wrong = 0
                        for (row, batch) in batches.enumerated() {
                            let output = try await runtime.predict(.table(batch), parameters: nil)
                            if output.row(0, of: 1) != expected.arrayValue?[row] { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    @Test func answersAnEmptyTableWithNothing() async throws {
        try await TrainedModels.get().run("xgb_booster") { runtime in
            let answer = try await runtime.predictions([], columns: runtime.columnNames)
            #expect(answer == [])
        }
    }

    @Test func refusesAWrongNumberOfColumnsAndInfiniteNumbers() async throws {
        try await TrainedModels.get().run("xgb_booster") { runtime in
            let batch = Batch(rowCount: 1, columns: [Column(name: "mean radius", values: .doubles([1]))])
            let tooFew = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.table(batch), parameters: nil)
            }
            #expect(tooFew?.message == "The model takes 30 columns; the request has 1.")
            let row = [JSON](repeating: 1e300, count: 30)
            let infinite = await #expect(throws: RuntimeError.self) {
                try await runtime.predictions([row], columns: runtime.columnNames)
            }
            #expect(infinite?.message == "A number is infinite, or too large for the model's 32 bits.")
            #expect(infinite?.code.status == 400)
        }
    }
}
