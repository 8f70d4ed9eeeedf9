import NIOCore
import Runtimes

extension PredictionRequest {
    /// The rows of an `/invocations` body in a plain form; nil for all that the tree of JSON is needed for.
    init?(invocation body: ByteBuffer, signature: ModelSignature?) {
        guard let columns = signature?.plainColumns,
            let rows = PlainRows.invocation(body.readableBytesView, columns: columns)
        else { return nil }
        self.init(input: .table(rows.batch))
    }
}

extension PlainRows {
    /// The rows of an Open Inference body in a plain form; nil for all that the tree of JSON is needed for.
    static func inference(_ body: some Sequence<UInt8>, for signature: ModelSignature?) -> PlainRows? {
        guard let columns = signature?.plainColumns else { return nil }
        return inference(body, columns: columns)
    }
}

extension ModelSignature {
    /// The columns of a model that takes nothing beside them.
    fileprivate var plainColumns: [ColumnSpec]? {
        guard !hasParameters, case .columns(let columns) = inputs else { return nil }
        return columns
    }
}
