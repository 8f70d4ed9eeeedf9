import HTTPTypes
import NIOCore
import Predictions
import Runtimes
package import Web
import Wire

/// Predictions in MLflow's protocol.
package struct InvocationRoutes: Sendable {
    private let predictor: Predictor
    /// The most values that a request for predictions holds.
    static let maximumValues = 4_000_000

    package init(predictor: Predictor) {
        self.predictor = predictor
    }

    package func routes(into routes: inout Routes) {
        routes.hot("/endpoints/{name}/invocations", .write("predictions")) { call in
            try await invoke(call, try await predictor.endpoints.endpoint(try call.path("name")))
        }
        routes.hot("/api/v1/endpoints/{name}/variants/{variant}/invocations", .write("predictions")) { call in
            let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
            return try await invoke(call, endpoint, .named(try call.path("variant")))
        }
        // What MLflow's client and others wait for before they ask: the status alone.
        routes.open("/ping") { _ in
            let isReady = try await predictor.endpoints.all().allSatisfy { $0.state != .loading }
            return Reply.bytes([0x0A], type: "application/json", status: isReady ? .ok : .serviceUnavailable)
        }
        routes.hot("/invocations", .write("predictions")) { call in
            try await invoke(call, try predictor.endpoints.only())
        }
    }

    private func invoke(_ call: Call, _ endpoint: LiveEndpoint, _ choice: VariantChoice? = nil) async throws -> Reply {
        let form = try InvocationForm(contentType: call.headers[.contentType])
        let body = try await call.body()
        let answer = try await predictor.predict(
            call.ask(endpoint, choice),
            try form.sent(body) { try call.json(from: $0, maximumValues: Self.maximumValues) })
        return answer.encoding { answer in
            Reply.bytes(InvocationMessages.answer(answer.output), type: "application/json").naming(answer)
        }
    }
}

extension Reply {
    /// The answer with the headers that say which prediction it is and who made it.
    func naming(_ answer: Predictor.Answer) -> Reply {
        let reply = adding(.modelVersion, answer.version.label).adding(.variant, answer.variant)
        return answer.id.map { reply.adding(.predictionID, $0.text) } ?? reply
    }
}

extension Call {
    /// Who asks whom, on whose behalf, as the headers say.
    /// - Parameter choice: the variant that the path names.
    func ask(_ endpoint: LiveEndpoint, _ choice: VariantChoice? = nil) -> Ask {
        Ask(
            endpoint: endpoint, choice: choice ?? headers[.variant].map(VariantChoice.named) ?? .assigned,
            unit: headers[.unit], caller: principal.name, request: requestID)
    }
}

extension HTTPField.Name {
    static let predictionID = unchecked("X-Martlet-Prediction-Id")
    static let modelVersion = unchecked("X-Martlet-Model-Version")

    /// Whom a request is about.
    static let unit = unchecked("X-Martlet-Unit")
    /// The variant that is to answer; in an answer, the one that did.
    static let variant = unchecked("X-Martlet-Variant")

    /// A name known to be a valid token.
    static func unchecked(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .server
    }
}
