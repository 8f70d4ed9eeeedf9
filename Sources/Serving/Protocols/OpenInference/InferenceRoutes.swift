import HTTPTypes
import NIOCore
import Runtimes
package import Web
import Wire

/// Predictions in the Open Inference Protocol, version 2. A model of the protocol is an endpoint here, its version the
/// version that the endpoint serves.
///
/// Health is told by the status, and by a body for clients that read it.
package struct InferenceRoutes: Sendable {
    private let predictor: Predictor
    private let serverVersion: String

    package init(predictor: Predictor, serverVersion: String) {
        self.predictor = predictor
        self.serverVersion = serverVersion
    }

    package func routes(into routes: inout Routes) {
        routes.get("/v2", .read("server")) { _ in
            .json([
                "name": "martlet", "version": .string(serverVersion),
                "extensions": ["binary_tensor_data", "classification", "model_repository(index)", "statistics"],
            ])
        }
        routes.open("/v2/health/live") { _ in .json(["live": true]) }
        routes.open("/v2/health/ready", ready)
        routes.errors(under: "/v2", InferenceMessages.error)
        for model in ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"] {
            routes.get(model, .read("endpoints")) { call in try await metadata(call) }
            routes.get("\(model)/ready", .read("endpoints")) { call in try await modelReady(call) }
            routes.hot("\(model)/infer", .write("predictions")) { call in try await infer(call) }
        }
    }

    /// Ready once no endpoint is being set up for the first time. One that failed does not take the others with it.
    private func ready(_ call: Call) async throws -> Reply {
        let isReady = try await predictor.endpoints.all().allSatisfy { $0.state != .loading }
        return .json(["ready": .bool(isReady)], status: isReady ? .ok : .serviceUnavailable)
    }

    private func modelReady(_ call: Call) async throws -> Reply {
        let name = try call.path("name")
        let endpoint = try await predictor.endpoints.get(name)
        if let version = endpoint.variants.first?.version { try require(call, version: version) }
        let isReady = endpoint.state == .ready
        return .json(["name": .string(name), "ready": .bool(isReady)], status: isReady ? .ok : .serviceUnavailable)
    }

    private func metadata(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        return try await endpoint.withDeployment { deployment in
            try require(call, version: deployment.version.version)
            return .json(
                InferenceMetadata.json(
                    endpoint: endpoint.name, versions: [deployment.version.version], runtime: deployment.runtime))
        }
    }

    private func infer(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        let body = try await call.decodedBody()
        let isPlain = call.mediaType == "application/json" && call.headers[.binaryHeaderLength] == nil
        let sent = SentTensors(body: body, isPlain: isPlain, version: try version(named: call)) {
            try Self.request(call, $0)
        }
        let answer = try await predictor.predict(call.ask(endpoint), sent)
        return try answer.encoding { answer in
            Reply(try InferenceAnswer(answer, endpoint: endpoint.name, to: try sent.asked())).naming(answer)
        }
    }

    /// Takes the body apart: JSON, JSON and the data of tensors behind it, or nothing but data.
    private static func request(_ call: Call, _ body: ByteBuffer) throws -> InferenceRequest {
        guard let header = call.headers[.binaryHeaderLength] else {
            // Triton's client does not say that JSON is JSON.
            if call.mediaType != nil { try call.requireContentType("application/json") }
            return try InferenceRequest(json: try call.json(from: body, maximumValues: InvocationRoutes.maximumValues))
        }
        var rest = body
        guard let length = Int(header), length >= 0, let json = rest.readSlice(length: length) else {
            throw ServingError(
                .invalidParameterValue,
                "The header Inference-Header-Content-Length is '\(header)', but the body has \(body.readableBytes) bytes.",
                hint: "It says how many bytes of the body are JSON before the data of tensors begins.")
        }
        guard length > 0 else { return InferenceRequest(data: rest) }
        return try InferenceRequest(
            json: try call.json(from: json, maximumValues: InvocationRoutes.maximumValues), raw: rest)
    }

    /// The version that the path names; nil when it names none.
    private func version(named call: Call) throws -> String? {
        call.rawPath.contains("/versions/") ? try call.path("version") : nil
    }

    /// - Throws: `ServingError` 404 when the path names another version than the one that answers.
    private func require(_ call: Call, version: Int) throws {
        try SentTensors.require(try self.version(named: call), served: version)
    }
}

extension Reply {
    fileprivate init(_ answer: InferenceAnswer) {
        guard var raw = answer.raw else {
            self = .bytes(answer.json, type: "application/json")
            return
        }
        var body = ByteBuffer(bytes: answer.json)
        body.writeBuffer(&raw)
        self.init(
            headers: [.contentType: "application/octet-stream", .binaryHeaderLength: String(answer.json.count)],
            body: .bytes(body))
    }
}

extension HTTPField.Name {
    /// Says how many bytes of a body are JSON before raw tensors begin.
    fileprivate static let binaryHeaderLength = unchecked("Inference-Header-Content-Length")
}
