import TestSupport
import Testing
import Wire

/// What a house needs besides: something in the trash, a webhook that nobody listens at, a batch of rows that the model refuses.
struct HouseholdSeed {
    let client: LiveServer

    static let webhook = "deploy-hook"
    static let deleted = ["<u>tried</u> and left", "محذوف", "🗑 sweep"]

    func sow(into places: inout SeededServer.Places) async throws {
        for name in Self.deleted {
            let made = try await client.mlflow(
                "runs/create", ["experiment_id": .string(places.experiment), "run_name": .string(name)])
            let id = try #require(made["run"]?["info"]?["run_id"]?.stringValue)
            try await client.mlflow("runs/delete", ["run_id": .string(id)])
        }
        let made = try await client.mlflow(
            "experiments/create", ["name": .string("\(Awkward.emoji), the first try")])
        try await client.mlflow("experiments/delete", ["experiment_id": made["experiment_id"] ?? ""])

        let hook = try await client.mlflow(
            "webhooks",
            [
                "name": .string(Self.webhook), "url": "http://127.0.0.1:9/hook?<b>",
                "events": [
                    ["entity": "MODEL_VERSION_ALIAS", "action": "CREATED"],
                    ["entity": "REGISTERED_MODEL", "action": "CREATED"],
                ],
            ])
        places.webhook = try #require(hook["webhook"]?["webhook_id"]?.stringValue)

        let answer = try await client.post(
            "/api/v1/batches",
            json: [
                "model": .string("models:/\(Awkward.model)/2"), "input": .string("runs:/\(places.run)/tables/rows.csv"),
                "output": .string("runs:/\(places.run)/tables/scored.csv"),
            ])
        let batch = try #require(try answer.json["batch_id"]?.stringValue, "\(answer.text)")
        places.batch = batch
        _ = try await client.await("/api/v1/batches/\(batch)") { $0["ended"]?.integerValue }
    }
}
