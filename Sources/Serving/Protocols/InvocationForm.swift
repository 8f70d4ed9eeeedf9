import NIOCore
import Runtimes
import Wire

/// The media types in which `/invocations` takes its input.
enum InvocationForm {
    case json
    case csv

    /// - Parameter header: the content type of the request.
    /// - Throws: `ServingError` 415 for what MLflow's scoring server refuses too, and for Parquet.
    init(contentType header: String?) throws {
        // What nearly all clients say.
        if header == "application/json" {
            self = .json
            return
        }
        let parts = (header ?? "").split(separator: ";").map { $0.lowercased().filter { $0 != " " } }
        for parameter in parts.dropFirst() where parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"" {
            throw ServingError(
                .unsupportedMediaType, "The content type has the parameter '\(parameter)'; only UTF-8 is taken.")
        }
        switch parts.first {
        case "application/json": self = .json
        case "text/csv": self = .csv
        case "application/vnd.apache.parquet":
            throw ServingError(
                .unsupportedMediaType, "A request is answered from memory, and Parquet is read from files.",
                hint: "Score the file with martlet batch, or send its rows as application/json or text/csv.")
        default:
            throw ServingError(
                .unsupportedMediaType,
                "Predictions are asked for in application/json or text/csv, not '\(header ?? "")'.",
                hint: "Send the header Content-Type: application/json.")
        }
    }

    /// Takes a body apart.
    /// - Parameter parse: reads JSON within the limits of the caller.
    /// - Throws: `ServingError` or `RuntimeError` in a 4xx; `BAD_REQUEST` for what MLflow cannot parse.
    func request(
        _ body: ByteBuffer, signature: ModelSignature?, parse: (ByteBuffer) throws -> JSON
    ) throws -> PredictionRequest {
        switch self {
        case .csv: return try CSVMessages.request(csv: body.readableBytesView, signature: signature)
        case .json:
            if let request = PredictionRequest(invocation: body, signature: signature) { return request }
            let json: JSON
            do {
                json = try parse(body)
            } catch let error as JSONSyntaxError {
                throw ServingError(.badRequest, error.message)
            }
            return try InvocationMessages.request(json: json, signature: signature)
        }
    }
}
