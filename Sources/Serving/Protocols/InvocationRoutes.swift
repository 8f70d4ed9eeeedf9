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
            try await invoke(try await predictor.endpoints.endpoint(try call.path("name")), call)
        }
        // What MLflow's client and others wait for before they ask: the status alone.
        routes.open("/ping") { _ in
            let isReady = try await predictor.endpoints.all().allSatisfy { $0.state != .loading }
            return Reply.bytes([0x0A], type: "application/json", status: isReady ? .ok : .serviceUnavailable)
        }
        routes.hot("/invocations", .write("predictions")) { call in
            try await invoke(try predictor.endpoints.only(), call)
        }
    }

    private func invoke(_ endpoint: LiveEndpoint, _ call: Call) async throws -> Reply {
        let form = try InvocationForm(contentType: call.headers[.contentType])
        let body = try await call.body()
        let answer = try await predictor.predict(endpoint, caller: call.principal.name) { signature, _ in
            try form.request(body, signature: signature) { body in
                try call.json(from: body, maximumValues: Self.maximumValues)
            }
        }
        return answer.encoding { answer in
            Reply.bytes(InvocationMessages.answer(answer.output), type: "application/json").naming(answer)
        }
    }
}

extension Reply {
    /// The answer with the headers that say which prediction it is and who made it.
    func naming(_ answer: Predictor.Answer) -> Reply {
        let reply = adding(.modelVersion, answer.version.label)
        return answer.id.map { reply.adding(.predictionID, $0.text) } ?? reply
    }
}

extension HTTPField.Name {
    static let predictionID = unchecked("X-Martlet-Prediction-Id")
    static let modelVersion = unchecked("X-Martlet-Model-Version")

    /// A name known to be a valid token.
    static func unchecked(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .server
    }
}
