import Blobs
import NIOCore
import Natives
package import Tables
import Wire

/// Makes a preview from the beginning of a file, by its name.
package struct PreviewReader: Sendable {
    private let blobs: BlobStore
    private let tables: TableEngine

    /// How much is read of a text, a table or a picture.
    static let headBytes = 256 << 10
    /// The largest JSON document that is read whole; of a larger one the first lines are shown as they are.
    static let jsonBytes = 4 << 20
    /// The longest text that is shown.
    static let shownBytes = 64 << 10

    /// - Parameter tables: what reads formats of tables that are no text.
    package init(store: ArtifactStore, tables: TableEngine) {
        blobs = store.blobs
        self.tables = tables
    }

    /// - Parameter path: as the preview names it.
    /// - Throws: `BlobError` 404 when there is no file.
    func preview(of key: BlobKey, at path: String) async throws -> Preview {
        let file = try await blobs.read(key)
        let name = key.name.lowercased()
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        let isParquet = ParquetHead.suffixes.contains(suffix)
        return Preview(
            path: path, mediaType: isParquet ? Self.parquet : ArtifactType.mediaType(of: name),
            sizeBytes: file.totalBytes,
            content: isParquet ? try await table(key) : try await Self.content(of: file, suffix: suffix))
    }

    private static let parquet = "application/vnd.apache.parquet"

    /// The rows of a Parquet file. What stands in the way is an answer too: the file can still be downloaded.
    private func table(_ key: BlobKey) async throws -> Preview.Content {
        do {
            return .table(try await ParquetHead(blobs: blobs, tables: tables).table(of: key))
        } catch let error as TableError where error.retryAfterSeconds == nil {
            return .none(reason: "Its rows cannot be shown. \(error)")
        } catch let error as NativesError {
            return .none(reason: "Its rows can be shown where DuckDB is installed. \(error)")
        }
    }

    private static func content(of file: BlobContent, suffix: String) async throws -> Preview.Content {
        switch suffix {
        case "png", "jpg", "jpeg", "gif", "webp":
            let head = try await head(of: file)
            return .image(ImageSize(head: head), bytes: head.readableBytes == file.totalBytes ? head : nil)
        case "html", "htm", "svg": return .document
        case "csv", "tsv":
            guard let text = try await text(of: file) else { return notText }
            let table = TableHead(delimited: text.text, by: suffix == "csv" ? "," : "\t", isCut: text.isCut)
            guard let table else { return try await plain(file) }
            return .table(table)
        case "json" where file.totalBytes <= jsonBytes:
            let bytes = try await file.collect(limit: jsonBytes)
            guard let json = try? JSON.parse(bytes.readableBytesView) else { return try await plain(file) }
            return TableHead(split: json).map(Preview.Content.table) ?? .json(shown(json))
        default: return try await plain(file)
        }
    }

    private static let notText = Preview.Content.none(
        reason: "It is not UTF-8 text, and of no kind that is shown here.")

    private static func plain(_ file: BlobContent) async throws -> Preview.Content {
        guard let text = try await text(of: file, within: shownBytes) else { return notText }
        return .text(text)
    }

    private static func head(of file: BlobContent, _ bytes: Int = headBytes) async throws -> ByteBuffer {
        try await file.slice(0..<bytes).collect(limit: bytes)
    }

    /// Nil for what is not text.
    private static func text(of file: BlobContent, within bytes: Int = headBytes) async throws -> TextHead? {
        TextHead(head: try await head(of: file, bytes), isCut: file.totalBytes > bytes)
    }

    private static func shown(_ json: JSON) -> TextHead {
        let text = json.prettyText
        guard text.utf8.count > shownBytes else { return TextHead(text: text, isCut: false) }
        return TextHead(text: String(text.prefix(shownBytes)), isCut: true)
    }
}
