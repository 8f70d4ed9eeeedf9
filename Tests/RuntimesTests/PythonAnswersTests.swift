import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Runtimes

@Suite(.timeLimit(.minutes(3))) struct PythonAnswersTests {
    @Test(arguments: ["names", "regressor", "mixed", "narrow", "centred"])
    func answersWhatPyfuncAnswers(name: String) async throws {
        let models = try await TrainedModels.get()
        let (names, rows, expected) = try models.expectation(name)
        let columns = try #require(names)
        try await models.run(name) { runtime in
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer == expected)
            for (row, single) in zip(rows, try models.singles(name)) {
                let answer = try await runtime.predictions([row], columns: columns)
                #expect(answer == single)
            }
            // Requests are put together unless one could see another in its answer.
            #expect(runtime is BatchingRuntime == (name != "centred"))
            guard let refusal = try models.refusal(name) else { return }
            let gap = zip(columns, rows[0]).map { $0 == "mean area" ? JSON.null : $1 }
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predictions([gap], columns: columns)
            }
            #expect(error?.message == "The model refuses this input: \(refusal)")
        }
    }

    @Test func writesEveryShapeAsMLflowDoes() async throws {
        let models = try await TrainedModels.get()
        let shapes = [
            "frame", "series", "unnamed", "dict", "list", "none", "short", "matrix", "small", "text", "dates", "big",
        ]
        try await models.run("obedient") { runtime in
            for shape in shapes {
                let batch = try runtime.batch([[.string(shape)]], columns: ["command"])
                let answer = try await runtime.predict(.table(batch), parameters: nil)
                let expected = try models.servedShape(shape)
                #expect(Self.text(answer.predictions) == Self.text(expected), "\(shape)")
            }
            // One answer for two rows is nobody's alone.
            let batch = try runtime.batch([["short"], ["short"]], columns: ["command"])
            let answer = try await runtime.predict(.table(batch), parameters: nil)
            #expect(answer.row(0, of: 2) == ["one answer for all"])
            #expect(answer.row(1, of: 2) == ["one answer for all"])
        }
        try await models.run("untyped") { runtime in
            for shape in shapes {
                let document: JSON = ["dataframe_records": [["command": .string(shape)]]]
                let answer = try await runtime.predict(.document(document), parameters: nil)
                let expected = try models.servedShape(shape)
                #expect(Self.text(answer.predictions) == Self.text(expected), "\(shape)")
            }
        }
    }

    @Test func passesParametersOn() async throws {
        try await TrainedModels.get().run("scaled") { runtime in
            let batch = try runtime.batch([[1.5], [2]], columns: ["x"])
            let given = try await runtime.predict(.table(batch), parameters: ["factor": 2])
            #expect(given.predictions == [["x": 3.0], ["x": 4.0]])
            let byDefault = try await runtime.predict(.table(batch), parameters: nil)
            #expect(byDefault.predictions == [["x": 4.5], ["x": 6.0]])
        }
    }

    /// NaN is equal to itself as text.
    private static func text(_ json: JSON?) -> String {
        String(decoding: (json ?? "nothing").bytes(nonFinite: .literal), as: UTF8.self)
    }
}
