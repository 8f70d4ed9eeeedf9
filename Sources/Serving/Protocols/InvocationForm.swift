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

    /// Takes a body apart, as far as that needs no model.
    /// - Parameter parse: reads JSON within the limits of the caller.
    /// - Throws: `ServingError` in a 4xx for CSV that is none.
    func sent(
        _ body: ByteBuffer, parse: @escaping @Sendable (ByteBuffer) throws -> JSON
    ) throws -> SentInvocation {
        switch self {
        case .csv: .csv(try SentCSV(body.readableBytesView))
        case .json: .json(SentJSON(body: body, parse: parse))
        }
    }
}

/// A body of `/invocations`.
enum SentInvocation: SentInput {
    case json(SentJSON)
    case csv(SentCSV)

    func unit(named key: String) throws -> String? {
        switch self {
        case .json(let body): try body.unit(named: key)
        case .csv(let table): try table.unit(named: key)
        }
    }

    func request(for signature: ModelSignature?, version: ServedVersion) throws -> PredictionRequest {
        switch self {
        case .json(let body): try body.request(for: signature)
        case .csv(let table): try table.request(for: signature, version: version)
        }
    }
}

/// A JSON body of `/invocations`. Plain rows are read straight into the model's columns; only what is not plain becomes a
/// tree.
struct SentJSON: Sendable {
    let body: ByteBuffer
    let parse: @Sendable (ByteBuffer) throws -> JSON

    func unit(named key: String) throws -> String? {
        if let value = PlainRows.invocation(body.readableBytesView, columns: [], key: key)?.key, value.isShared {
            return try SentUnits.common(key, [value.first])
        }
        return try SentUnits.unit(named: key, inInvocation: try tree())
    }

    func request(for signature: ModelSignature?) throws -> PredictionRequest {
        if let request = PredictionRequest(invocation: body, signature: signature) { return request }
        return try InvocationMessages.request(json: try tree(), signature: signature)
    }

    /// - Throws: `BAD_REQUEST` for what is no JSON, as MLflow does.
    private func tree() throws -> JSON {
        do {
            return try parse(body)
        } catch let error as JSONSyntaxError {
            throw ServingError(.badRequest, error.message)
        }
    }
}

/// A body of `/invocations` that has become a tree already.
struct SentTree: SentInput {
    let body: JSON

    func unit(named key: String) throws -> String? {
        try SentUnits.unit(named: key, inInvocation: body)
    }

    func request(for signature: ModelSignature?, version: ServedVersion) throws -> PredictionRequest {
        try InvocationMessages.request(json: body, signature: signature)
    }
}
