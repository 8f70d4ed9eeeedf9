import HTTPTypes
import NIOCore
import Tracking
import Web
import Wire

/// Where exporters of OpenTelemetry send spans (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
struct SpanRoutes: Sendable {
    let store: TraceStore

    func routes(into routes: inout Routes) {
        routes.post("/v1/traces", .write("traces"), export)
    }

    /// All spans of a request are kept, or none. The answer is the empty message of success.
    private func export(_ call: Call) async throws -> Reply {
        guard let text = call.header("x-mlflow-experiment-id"), !text.isEmpty else {
            throw TraceError.unprocessable("The header x-mlflow-experiment-id is missing.")
        }
        let experiment = try ExperimentID(text)
        let export = try await spans(of: call)
        try await store.log(export, in: experiment, run: call.header("x-mlflow-run-id"))
        return .bytes([], type: "application/x-protobuf")
    }

    private func spans(of call: Call) async throws -> SpanExport {
        switch call.mediaType {
        case "application/x-protobuf":
            let body = try await call.decodedBody()
            return try SpanExport(protobuf: Array(body.readableBytesView)[...])
        case "application/json":
            let body = try await call.decodedBody()
            return try SpanExport(json: call.json(from: body))
        default:
            throw WebError(
                .invalidParameterValue,
                "Invalid Content-Type: \(call.mediaType ?? "none"). Expected: application/x-protobuf or application/json."
            )
        }
    }
}

extension Call {
    fileprivate func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
