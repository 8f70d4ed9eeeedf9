import HTTPTypes
import NIOCore
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
            .json(["name": "martlet", "version": .string(serverVersion), "extensions": []])
        }
        routes.open("/v2/health/live") { _ in .json(["live": true]) }
        routes.open("/v2/health/ready", ready)
        for model in ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"] {
            routes.get(model, .read("endpoints")) { call in try await answering { try await metadata(call) } }
            routes.get("\(model)/ready", .read("endpoints")) { call in
                try await answering { try await modelReady(call) }
            }
            routes.post("\(model)/infer", .write("predictions")) { call in
                try await answering { try await infer(call) }
            }
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
        if let variant = endpoint.variants.first { try require(call, version: variant.version) }
        let isReady = endpoint.state == .ready
        return .json(["name": .string(name), "ready": .bool(isReady)], status: isReady ? .ok : .serviceUnavailable)
    }

    private func metadata(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        return try await endpoint.withDeployment { deployment in
            try require(call, version: deployment.version.version)
            return .json(InferenceMessages.metadata(endpoint: endpoint.name, deployment: deployment))
        }
    }

    private func infer(_ call: Call) async throws -> Reply {
        let isBinary = call.mediaType == "application/octet-stream" || call.headers[.binaryHeaderLength] != nil
        guard !isBinary else { throw SentTensor.binaryRefusal }
        try call.requireContentType("application/json")
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        let body = try await call.body()
        var id: String?
        let answer = try await predictor.predict(endpoint, caller: call.principal.name) { signature, version in
            try require(call, version: version.version)
            let json = try call.json(from: body, maximumValues: InvocationRoutes.maximumValues)
            id = json["id"]?.stringValue
            return try InferenceMessages.request(json: json, signature: signature)
        }
        return Reply.json(InferenceMessages.answer(answer, endpoint: endpoint.name, id: id)).naming(answer)
    }

    /// - Throws: `ServingError` 404 when the path names another version than the one that answers.
    private func require(_ call: Call, version: Int) throws {
        guard call.rawPath.contains("/versions/") else { return }
        let wanted = try call.path("version")
        guard wanted == String(version) else {
            throw ServingError(
                .doesNotExist, "The endpoint serves version \(version), not \(wanted).",
                hint: "Leave the version out to take whichever is served.")
        }
    }

    /// The protocol has its own form for errors.
    private func answering(_ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let problem as any Problem where Self.isForClients(problem.code) {
            let status = HTTPResponse.Status(code: problem.code.status)
            let reply = Reply.json(["error": .string("\(problem)")], status: status)
            return problem.retryAfterSeconds.map { reply.adding(.retryAfter, String($0)) } ?? reply
        }
    }

    /// Whether the message is meant for those who ask; other problems are logged, and told as everywhere.
    private static func isForClients(_ code: ProblemCode) -> Bool {
        code.status < 500 || code == .unavailable || code == .deadlineExceeded
    }
}

extension HTTPField.Name {
    /// Says how many bytes of a body are JSON before raw tensors begin.
    fileprivate static let binaryHeaderLength = unchecked("Inference-Header-Content-Length")
}
