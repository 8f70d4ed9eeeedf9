import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

/// A registered model with two versions and an alias, two more without any, and an endpoint that answers with the alias.
struct ServingSeed {
    let server: RunningServer

    static let endpoint = "clinic"
    /// Two variants, whose shares are moved by hand, and a shadow.
    static let divided = "divided"
    static let dividedSpec = """
        { variants: [{ name: first, model: "models:/\(Awkward.model)/1", weight: 70 }, \
        { name: second, model: "models:/\(Awkward.model)/2", weight: 30 }], \
        shadow: { model: "models:/\(Awkward.model)/1" } }
        """
    static let predictions = 30

    func sow(into places: inout SeededServer.Places) async throws {
        let folder = try TemporaryFolder()
        try PlantedModel().write(folder.path("model"))
        for _ in 0..<2 { try await server.register(folder.path("model"), as: Awkward.model) }
        for name in [Awkward.rightToLeft, "<img src=x onerror=alert(1)>"] {
            try await server.client.mlflow(
                "registered-models/create",
                [
                    "name": .string(name), "description": "Who is seen first 🏥 <em>now</em>",
                    "tags": [["key": "owner", "value": "ann"]],
                ])
        }
        try await server.client.mlflow(
            "registered-models/alias", ["name": .string(Awkward.model), "alias": "champion", "version": "2"])
        try await server.serve(
            Self.endpoint, spec: "{ variants: [{ name: main, model: \"models:/\(Awkward.model)@champion\" }] }")
        try await server.serve(Self.divided, spec: Self.dividedSpec)
        // An endpoint is ready before its shadow is.
        _ = try await server.client.await("/api/v1/endpoints/\(Self.divided)") { $0["shadow"]?["version"] }
        for number in 0..<10 {
            let answer = try await server.client.post(
                "/endpoints/\(Self.divided)/invocations", json: ["dataframe_records": [["x": .integer(Int64(number))]]])
            try #require(answer.status == 200, "\(answer.text)")
        }
        _ = try await server.client.await("/api/v1/endpoints/\(Self.divided)/shadow") {
            $0["comparisons"]?.arrayValue?.first
        }
        for number in 0..<Self.predictions {
            let answer = try await server.client.post(
                "/endpoints/\(Self.endpoint)/invocations",
                json: ["dataframe_records": [["x": .double(Double(number) / 10)]]])
            try #require(answer.status == 200, "\(answer.text)")
        }
        let latest = try await server.client.get("/api/v1/predictions?endpoint=\(Self.endpoint)&limit=1").json
        places.prediction = try #require(latest["predictions"]?.arrayValue?.first?["prediction_id"]?.stringValue)
    }
}
