package import Wire

/// Rows in the plain forms that nearly all requests have, read straight into the columns of a model.
///
/// Whatever is not plain, wrong or merely rare, is nil here and is left to the tree of JSON: it alone says what is wrong.
/// What is read is what would have come of the tree.
package struct PlainRows {
    /// In the order of the columns that were asked for.
    package let batch: Batch
    /// The value under the key that was asked for; nil when the rows do not have it.
    package let key: KeyValue?
    /// What an Open Inference request calls itself.
    package internal(set) var id: String?

    /// A value that the rows have under one name.
    package struct KeyValue: Sendable, Hashable {
        /// That of the first row.
        package let first: JSON
        /// Whether all rows have the same.
        package let isShared: Bool

        package init(first: JSON, isShared: Bool) {
            self.first = first
            self.isShared = isShared
        }
    }

    /// What is larger is measured in memory before it is read, which only the tree is.
    package static let maximumBytes = 1 << 20

    /// Reads the body of an `/invocations` call: `dataframe_split`, `dataframe_records`, `instances` or `inputs`.
    /// - Parameters:
    ///   - columns: those of the model, all with names of their own; none to read the key alone.
    ///   - key: a name whose value is wanted, which need not be a column of the model.
    package static func invocation(
        _ body: some Sequence<UInt8>, columns: [ColumnSpec], key: String? = nil
    ) -> PlainRows? {
        read(body, columns, key) { reader in try reader.invocation() }
    }

    /// Reads the body of an Open Inference request without parameters and choice of outputs: a tensor a column, or one of
    /// two dimensions with all columns.
    package static func inference(
        _ body: some Sequence<UInt8>, columns: [ColumnSpec], key: String? = nil
    ) -> PlainRows? {
        read(body, columns, key) { reader in try reader.inference() }
    }

    private static func read(
        _ body: some Sequence<UInt8>, _ columns: [ColumnSpec], _ key: String?,
        _ form: (inout PlainRowReader) throws -> Void
    ) -> PlainRows? {
        let rows = body.withContiguousStorageIfAvailable { bytes -> PlainRows? in
            guard bytes.count <= maximumBytes, var reader = PlainRowReader(bytes, columns: columns, key: key) else {
                return nil
            }
            do {
                try form(&reader)
                return try reader.rows()
            } catch {
                return nil
            }
        }
        return rows ?? nil
    }
}
