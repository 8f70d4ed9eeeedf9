import HTTPTypes
import NIOCore
package import Web
package import Wire

/// Taking predictions that were made elsewhere: NDJSON, one prediction a line.
package struct PredictionImportRoutes: Sendable {
    private let log: PredictionLog
    private let clock: WallClock
    private let entropy: Entropy
    private let policies: @Sendable () async throws -> [String: LogPolicy]

    private static let mediaTypes = ["application/x-ndjson", "application/jsonl", "application/json"]

    /// - Parameter policies: those of the endpoints there are, by name.
    package init(
        log: PredictionLog, clock: WallClock, entropy: Entropy,
        policies: @escaping @Sendable () async throws -> [String: LogPolicy]
    ) {
        self.log = log
        self.clock = clock
        self.entropy = entropy
        self.policies = policies
    }

    package func routes(into routes: inout Routes) {
        routes.post("/api/v1/predictions", .write("predictions"), take)
    }

    /// Each line is taken or refused by itself. The answer is 400 when none was taken, unless `receipt` is `always`. Lines
    /// that name no endpoint are of the one that the parameter `endpoint` names.
    private func take(_ call: Call) async throws -> Reply {
        guard let type = call.mediaType, Self.mediaTypes.contains(type) else {
            throw PredictionError(
                .unsupportedMediaType, "Predictions are sent as a line of JSON after the other.",
                hint: "Send the header Content-Type: application/x-ndjson.")
        }
        let fields = try call.queryFields()
        let sent = PredictionImport(
            to: log, policies: try await policies(), caller: call.principal.name,
            endpoint: try fields.optionalString("endpoint"), clock: clock, entropy: entropy)
        let receipt: ImportReceipt
        if call.headers[.contentEncoding] == nil {
            receipt = try await sent.take(bytes: call.stream)
        } else {
            receipt = try await sent.take(bytes: Self.whole(try await call.decodedBody()))
        }
        guard receipt.isRefusal, try fields.optionalString("receipt") != "always", let first = receipt.refused.first
        else { return .json(receipt) }
        let message = "No line was taken. Line \(first.line): \(first.reason)."
        let members: [(String, JSON)] = [
            ("error_code", .string(ProblemCode.invalidParameterValue.name)), ("message", .string(message)),
        ]
        return .json(
            .members(members + (receipt.json.memberList ?? []).map { ($0.key, $0.value) }), status: .badRequest)
    }

    private static func whole(_ body: ByteBuffer) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { feed in
            feed.yield(body)
            feed.finish()
        }
    }
}
