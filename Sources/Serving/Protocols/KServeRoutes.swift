import HTTPTypes
import NIOCore
import OrderedCollections
import Runtimes
package import Web
import Wire

/// Predictions in version 1 of KServe's protocol, which its clients still speak. A model of the protocol is an endpoint
/// here.
package struct KServeRoutes: Sendable {
    private let predictor: Predictor

    package init(predictor: Predictor) {
        self.predictor = predictor
    }

    package func routes(into routes: inout Routes) {
        routes.errors(under: "/v1/models", InferenceMessages.error)
        routes.get("/v1/models", .read("endpoints")) { _ in
            let names = try await predictor.endpoints.all().map(\.name)
            return .json(["models": .strings(names)])
        }
        routes.get("/v1/models/{name}", .read("endpoints")) { call in try await model(call) }
        routes.post("/v1/models/{name}:predict", .write("predictions")) { call in try await predict(call) }
    }

    private func model(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.get(try call.path("name"))
        guard endpoint.state == .ready else {
            throw ServingError(
                .unavailable, "The model '\(endpoint.name)' is not ready. \(endpoint.message ?? "")",
                retryAfterSeconds: 1)
        }
        return .json(["name": .string(endpoint.name), "ready": true])
    }

    private func predict(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        let body = try await call.decodedBody()
        let answer = try await predictor.predict(
            call.ask(endpoint),
            SentInstances(body: try call.json(from: body, maximumValues: InvocationRoutes.maximumValues)))
        return answer.encoding { answer in
            Reply.bytes(InvocationMessages.answer(answer.output), type: "application/json").naming(answer)
        }
    }
}

/// A request in version 1 of KServe's protocol.
struct SentInstances: SentInput {
    let body: JSON

    func unit(named key: String) throws -> String? {
        try SentUnits.unit(named: key, inInvocation: body)
    }

    func request(for signature: ModelSignature?, version: ServedVersion) throws -> PredictionRequest {
        try KServeMessages.request(json: body, signature: signature)
    }
}

/// The bodies of version 1 of KServe's protocol: `instances` or `inputs`, as MLflow has them.
enum KServeMessages {
    /// - Throws: `ServingError`, `RuntimeError` in a 4xx.
    static func request(json: JSON, signature: ModelSignature?) throws -> PredictionRequest {
        guard let body = json.objectValue, (body["instances"] == nil) != (body["inputs"] == nil) else {
            throw ServingError(
                .badRequest, "The body must be an object with 'instances' or 'inputs'.",
                hint: "Send {\"instances\": [{\"column\": value, …}, …]}, or lists in the order of the model's columns."
            )
        }
        guard case .columns(let columns) = signature?.inputs,
            let rows = (body["instances"] ?? body["inputs"])?.arrayValue, rows.first?.arrayValue != nil
        else { return try InvocationMessages.request(json: json, signature: signature) }
        // Lists have no names: they go by the order of the model's columns.
        let names = columns.enumerated().map { $1.name ?? String($0) }
        return try InvocationMessages.request(
            json: ["dataframe_split": ["columns": .strings(names), "data": .array(rows)]], signature: signature)
    }
}
