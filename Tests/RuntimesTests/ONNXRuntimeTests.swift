import Runtimes
import Testing
import TrainedModels
import Wire

@Suite(.timeLimit(.minutes(2))) struct ONNXRuntimeTests {
    @Test(
        arguments: [
            "onnx_zipmap", "onnx_words", "onnx_tensor", "onnx_zipmap_tensor", "onnx_columns", "onnx_vectors",
            "onnx_texts",
            "onnx_types",
        ])
    func answersWhatPyfuncAnswersToTheBit(name: String) async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation(name)
        try await models.run(name) { runtime in
            #expect(runtime.name == "onnx")
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer?.literal == expected.literal)
            for (row, expected) in zip(rows, try models.singles(name)) {
                let answer = try await runtime.predictions([row], columns: columns)
                #expect(answer?.literal == expected.literal)
            }
        }
    }

    @Test func answersATableWhereMLflowCannotPutOutputsIntoOne() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, probabilities) = try models.expectation("onnx_zipmap")
        try await models.run("onnx_plain") { runtime in
            let batch = try runtime.batch(rows, columns: columns ?? [])
            let output = try await runtime.predict(.table(batch), parameters: nil)
            for (index, expected) in (probabilities.arrayValue ?? []).enumerated() {
                let record = output.predictions?.arrayValue?[index]
                #expect(record?["label"] == expected["output_label"])
                let wanted = [expected["output_probability"]?["0"], expected["output_probability"]?["1"]]
                #expect(record?["probabilities"]?.arrayValue == wanted)
                #expect(output.row(index, of: rows.count) == record)
            }
        }
    }

    @Test func answersTheSameFromManyTasksAtOnce() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, _) = try models.expectation("onnx_zipmap")
        let expected = try models.singles("onnx_zipmap")
        try await models.run("onnx_zipmap") { runtime in
            let batches = try rows.map { try runtime.batch([$0], columns: columns ?? []) }
            let wrong = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        var wrong = 0
                        for (batch, expected) in zip(batches, expected) {
                            let output = try await runtime.predict(.table(batch), parameters: nil)
                            if output.predictions != expected { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return try await tasks.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    @Test func answersAnEmptyTableWithAnEmptyOne() async throws {
        try await TrainedModels.get().run("onnx_zipmap") { runtime in
            let columns = runtime.columnNames
            let answer = try await runtime.predictions([], columns: columns)
            #expect(answer == [])
        }
    }

    @Test func refusesAWrongNumberOfColumnsAndOfDimensions() async throws {
        let models = try await TrainedModels.get()
        try await models.run("onnx_zipmap") { runtime in
            let batch = Batch(rowCount: 1, columns: [Column(name: "mean radius", values: .doubles([1]))])
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.table(batch), parameters: nil)
            }
            #expect(error?.message.contains("index: 1 Got: 1 Expected: 30") == true)
            #expect(error?.code.status == 400)
        }
        try await models.run("onnx_tensor") { runtime in
            let tensor = Tensor(shape: [30], values: .doubles(Array(repeating: 0, count: 30)))
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.tensors([tensor]), parameters: nil)
            }
            #expect(error?.message.contains("Invalid rank for input: input Got: 1 Expected: 2") == true)
            #expect(error?.code.status == 400)
        }
    }

    @Test func refusesAMissingTextAndAMissingColumn() async throws {
        try await TrainedModels.get().run("onnx_columns") { runtime in
            let row: [JSON] = [41.5, .null, 3]
            let missingText = await #expect(throws: RuntimeError.self) {
                try await runtime.predictions([row], columns: ["age", "city", "visits"])
            }
            #expect(missingText?.message.hasPrefix("Column 'city', row 0: the text is missing") == true)
            let batch = Batch(rowCount: 1, columns: [Column(name: "age", values: .doubles([1]))])
            let missingColumn = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.table(batch), parameters: nil)
            }
            #expect(missingColumn?.message == "The model needs the column 'city', which the request lacks.")
        }
    }

    @Test func saysWhatItHasNoFormFor() async throws {
        try await TrainedModels.get().run("onnx_bfloat") { runtime in
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predictions([[1, 2]], columns: nil)
            }
            #expect(error?.message.contains("elements of ONNX's type 16") == true)
            #expect(error?.code.status == 400)
        }
    }

    @Test func endsARunThatTakesTooLong() async throws {
        try await TrainedModels.get().run("onnx_endless") { runtime in
            let quick = try await runtime.predictions([[0, 0]], columns: nil)
            #expect(quick == ["y": [[0.0, 0.0]]])
            let tensor = try runtime.tensor([[1, 2]])
            let context = PredictionContext(deadline: .now + .milliseconds(50))
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(.tensors([tensor]), parameters: nil, context: context)
            }
            #expect(error?.code.status == 504)
        }
    }

    @Test func endsARunThatNobodyWaitsFor() async throws {
        try await TrainedModels.get().run("onnx_endless") { runtime in
            let tensor = try runtime.tensor([[1, 2]])
            let run = Task { try await runtime.predict(.tensors([tensor]), parameters: nil) }
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
        }
    }
}

extension JSON {
    /// Its text, in which NaN equals NaN.
    var literal: String { String(decoding: bytes(nonFinite: .literal), as: UTF8.self) }
}

extension ModelRuntime {
    /// The names of the columns of its signature.
    var columnNames: [String] {
        guard case .columns(let columns) = signature?.inputs else { return [] }
        return columns.map { $0.name ?? "" }
    }
}
