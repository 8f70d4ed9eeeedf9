import NIOCore
import Runtimes
import Synchronization
import Wire

/// The body of an inference request of the Open Inference Protocol, and the version that it is for. Plain rows are read
/// straight into the model's columns; only what is not plain is taken apart.
final class SentTensors: SentInput {
    private let body: ByteBuffer
    private let isPlain: Bool
    private let version: String?
    private let read: @Sendable (ByteBuffer) throws -> InferenceRequest
    private let known = Mutex(Known())

    private struct Known {
        var whole: InferenceRequest?
        /// All but the rows.
        var plain: InferenceRequest?
    }

    /// - Parameters:
    ///   - isPlain: whether the body is JSON with nothing behind it.
    ///   - version: the version that the path names; nil for whichever is served.
    ///   - read: takes the body apart.
    init(
        body: ByteBuffer, isPlain: Bool, version: String?,
        read: @escaping @Sendable (ByteBuffer) throws -> InferenceRequest
    ) {
        self.body = body
        self.isPlain = isPlain
        self.version = version
        self.read = read
    }

    /// What is asked for, beside the rows, of a request that has been answered.
    func asked() throws -> InferenceRequest {
        try known.withLock { $0.plain } ?? whole()
    }

    private func whole() throws -> InferenceRequest {
        if let whole = known.withLock({ $0.whole }) { return whole }
        let request = try read(body)
        known.withLock { $0.whole = request }
        return request
    }

    func unit(named key: String) throws -> String? {
        if isPlain, let value = PlainRows.inference(body.readableBytesView, columns: [], key: key)?.key, value.isShared
        {
            return try SentUnits.common(key, [value.first])
        }
        return try whole().unit(named: key)
    }

    func request(for signature: ModelSignature?, version served: ServedVersion) throws -> PredictionRequest {
        try Self.require(version, served: served.version)
        if isPlain, let rows = PlainRows.inference(body.readableBytesView, for: signature) {
            known.withLock { $0.plain = InferenceRequest(id: rows.id) }
            return PredictionRequest(input: .table(rows.batch))
        }
        return try whole().request(for: signature)
    }

    /// - Throws: `ServingError` 404 when another version is wanted than the one that answers.
    static func require(_ wanted: String?, served: Int) throws {
        guard let wanted, wanted != String(served) else { return }
        throw ServingError(
            .doesNotExist, "The endpoint serves version \(served), not \(wanted).",
            hint: "Leave the version out to take whichever is served.")
    }
}
