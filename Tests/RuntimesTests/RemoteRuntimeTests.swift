import Runtimes
import Testing
import TrainedModels
import Wire

@Suite(.timeLimit(.minutes(2))) struct RemoteRuntimeTests {
    @Test func answersByOpenInferenceWhatTheModelAnswersInPython() async throws {
        let (columns, rows, expected) = try await TrainedModels.get().expectation("pipeline")
        try await Self.connected("churn") { runtime in
            #expect(runtime.name == "remote")
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer == expected)
            #expect(await runtime.obstacle() == nil)
        }
        try await Self.connected("matrix") { runtime in
            let cells = rows.flatMap { $0.compactMap(\.doubleValue) }
            let tensor = Tensor(name: "rows", shape: [rows.count, 30], values: .doubles(cells))
            let answer = try await runtime.predict(.tensors([tensor]), parameters: nil).predictions
            #expect(answer == expected)
        }
    }

    @Test func takesTheSignatureFromTheModelsMetadata() async throws {
        let columns = try await TrainedModels.get().expectation("pipeline").columns ?? []
        try await Self.connected("churn") { runtime in
            let specs = columns.map { ColumnSpec(name: $0, type: .double) }
            #expect(runtime.signature?.inputs == .columns(specs))
            #expect(runtime.signature?.outputs == .tensors([TensorSpec(name: "p", type: .float64, shape: [-1, 2])]))
        }
        try await Self.connected("matrix") { runtime in
            let spec = TensorSpec(name: "rows", type: .float64, shape: [-1, 30])
            #expect(runtime.signature?.inputs == .tensors([spec]))
        }
    }

    @Test func answersSeveralOutputsAsRecords() async throws {
        let (columns, rows, expected) = try await TrainedModels.get().expectation("pipeline")
        try await Self.connected("pair") { runtime in
            let answer = try await runtime.predictions(rows, columns: columns)?.arrayValue ?? []
            #expect(answer.count == rows.count)
            #expect(answer.compactMap { $0["p"] } == expected.arrayValue)
            #expect(answer.allSatisfy { [0, 1].contains($0["label"]?.integerValue) })
        }
    }

    @Test func handsDocumentsToMLflowsScoringServer() async throws {
        let (columns, rows, expected) = try await TrainedModels.get().expectation("pipeline")
        let runtime = try await Self.runtime(.mlflow)
        let split: JSON = ["columns": .strings(columns ?? []), "data": .array(rows.map(JSON.array))]
        let answer = try await runtime.predict(.document(["dataframe_split": split]), parameters: nil)
        #expect(answer == .json(expected))
        #expect(await runtime.obstacle() == nil)
        let error = await #expect(throws: RuntimeError.self) {
            try await runtime.predict(
                .document(["dataframe_split": ["columns": ["a"], "data": [[1]]]]), parameters: nil)
        }
        #expect(error?.code.status == 400)
        #expect(error?.message.contains("Model is missing inputs") == true)
        await runtime.close()
    }

    @Test func postsToSageMakersPathAsItIs() async throws {
        let (columns, rows, expected) = try await TrainedModels.get().expectation("pipeline")
        let runtime = try await Self.runtime(.sagemaker, path: "/invocations")
        let cells = (0..<30).map { column in rows.map { $0[column].doubleValue ?? .nan } }
        let batch = Batch(
            rowCount: rows.count,
            columns: zip(columns ?? [], cells).map { Column(name: $0, values: .doubles($1)) })
        let answer = try await runtime.predict(.table(batch), parameters: nil)
        #expect(answer == .json(expected))
        #expect(await runtime.obstacle() == nil)
        await runtime.close()
    }

    @Test(
        arguments: [
            ("text", 502, "what is not JSON"), ("large", 502, "more than 100000 bytes"), ("empty", 502, "no outputs"),
            ("short", 502, "'p' of shape [2, 2] holds 1 values"), ("vast", 502, "holds 1 values"),
            ("wordy", 502, "'p' holds values that are not FP64"), ("broken", 502, "status 500: ZeroDivisionError"),
            ("moved", 502, "status 307"), ("busy", 503, "is not ready: come back"),
            ("crowded", 429, "is busy: too many"),
            ("strict", 422, "field required"), ("slow", 504, "did not answer within"),
        ])
    func saysWhatIsWrongWithAServer(model: String, status: Int, words: String) async throws {
        let (columns, rows, _) = try await TrainedModels.get().expectation("pipeline")
        try await Self.connected(model) { runtime in
            let batch = try runtime.batch([rows[0]], columns: columns ?? [])
            let deadline: ContinuousClock.Instant? = model == "slow" ? .now + .milliseconds(100) : nil
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predict(
                    .table(batch), parameters: nil, context: PredictionContext(deadline: deadline))
            }
            #expect(error?.code.status == status)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.retryAfterSeconds == ["busy": 7, "crowded": 3][model])
            let obstacle = await runtime.obstacle()
            #expect((obstacle != nil) == (model == "busy"))
        }
    }

    @Test func sendsItsHeadersAndNeverSaysThem() async throws {
        let (columns, rows, _) = try await TrainedModels.get().expectation("pipeline")
        let secret = ["Authorization": RemoteHeader.secret(variable: "MARTLET_SECRET_CHURN", prefix: "Bearer ")]
        func secrets(_ value: String) -> RemoteSecrets {
            RemoteSecrets(environment: ["MARTLET_SECRET_CHURN": value, "AWS_SECRET_ACCESS_KEY": "another"])
        }
        try await Self.connected("private", headers: secret, secrets("secret\n")) { runtime in
            let answer = try await runtime.predictions(rows, columns: columns)
            #expect(answer?.arrayValue?.count == rows.count)
        }
        // The server says in its refusal what it was sent.
        try await Self.connected("private", headers: secret, secrets("guess")) { runtime in
            let error = await #expect(throws: RuntimeError.self) {
                try await runtime.predictions(rows, columns: columns)
            }
            #expect(error?.code.status == 403)
            #expect(error?.message.contains("not for ***") == true, "\(error?.message ?? "")")
            #expect(error?.description.contains("guess") == false)
        }
        let unset = await #expect(throws: RuntimeError.self) {
            try await Self.connected("private", headers: secret, RemoteSecrets()) { _ in }
        }
        #expect(unset?.message == "The server has no environment variable 'MARTLET_SECRET_CHURN'.")
        let lines = await #expect(throws: RuntimeError.self) {
            try await Self.connected("private", headers: secret, secrets("one\r\ntwo")) { _ in }
        }
        #expect(lines?.code.status == 400)
        #expect(lines?.description.contains("two") == false)
    }

    @Test(
        arguments: [
            ("Authorization", RemoteHeader.text("Bearer secret")), ("X-Api-Key", .text("secret")),
            ("X-Auth-Token", .text("secret")), ("X-Tenant", .text("a\r\nX-Other: b")),
            ("Authorization", .secret(variable: "AWS_SECRET_ACCESS_KEY", prefix: "")),
            ("Authorization", .secret(variable: "MARTLET_TOKEN", prefix: "")),
            ("Authorization", .secret(variable: "MARTLET_SECRET_CHURN", prefix: "a\nb")),
        ])
    func refusesSecretsThatEverybodyCouldRead(name: String, header: RemoteHeader) {
        let error = #expect(throws: RuntimeError.self) {
            try RemoteModel(url: "http://a", dialect: .mlflow, headers: [name: header])
        }
        #expect(error?.code.status == 400)
    }

    @Test func endsWhenNobodyWaits() async throws {
        let (columns, rows, _) = try await TrainedModels.get().expectation("pipeline")
        try await Self.connected("slow") { runtime in
            let batch = try runtime.batch([rows[0]], columns: columns ?? [])
            let request = Task { try await runtime.predict(.table(batch), parameters: nil) }
            request.cancel()
            await #expect(throws: CancellationError.self) { try await request.value }
        }
    }

    @Test func saysThatAModelOrAServerIsNotThere() async throws {
        let unknown = await #expect(throws: RuntimeError.self) { try await Self.connected("unknown") { _ in } }
        #expect(unknown?.code.status == 404)
        #expect(unknown?.message.hasSuffix("there is no model unknown") == true)
        let nobody = try RemoteModel(url: "http://127.0.0.1:1", dialect: .mlflow)
        let runtime = try await TrainedModels.runtimes().connect(nobody)
        #expect(await runtime.obstacle()?.code.status == 503)
        let error = await #expect(throws: RuntimeError.self) {
            try await runtime.predict(.document(["inputs": [1]]), parameters: nil)
        }
        #expect(error?.code.status == 503)
        #expect(error?.retryAfterSeconds == 1)
        await runtime.close()
    }

    @Test(arguments: ["", "models.internal", "ftp://a/b", "http://", "http://a/?b=c", "http://ada:secret@a"])
    func refusesWhatIsNotTheURLOfAServer(url: String) {
        #expect(throws: RuntimeError.self) { try RemoteModel(url: url, dialect: .mlflow) }
    }

    @Test func refusesAModelWithoutANameAndAHeaderThatIsNone() {
        #expect(throws: RuntimeError.self) { try RemoteModel(url: "http://a", dialect: .openInference) }
        #expect(throws: RuntimeError.self) {
            try RemoteModel(url: "http://a", dialect: .mlflow, headers: ["a b": .text("c")])
        }
    }

    private static func runtime(
        _ dialect: RemoteModel.Dialect, model: String? = nil, path: String = "", headers: [String: RemoteHeader] = [:],
        _ secrets: RemoteSecrets = RemoteSecrets()
    ) async throws -> any ModelRuntime {
        let remote = try RemoteModel(
            url: try await RemoteServer.url() + path, dialect: dialect, model: model, headers: headers,
            maximumAnswerBytes: 100_000)
        return try await TrainedModels.runtimes().connect(remote, secrets: secrets)
    }

    private static func connected(
        _ model: String, headers: [String: RemoteHeader] = [:], _ secrets: RemoteSecrets = RemoteSecrets(),
        _ body: (any ModelRuntime) async throws -> Void
    ) async throws {
        let runtime = try await runtime(.openInference, model: model, headers: headers, secrets)
        do {
            try await body(runtime)
        } catch {
            await runtime.close()
            throw error
        }
        await runtime.close()
    }
}
