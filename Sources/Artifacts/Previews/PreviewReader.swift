import Blobs
import NIOCore
import Wire

/// Makes a preview from the beginning of a file, by its name.
struct PreviewReader: Sendable {
    let blobs: BlobStore

    /// How much is read of a text, a table or a picture.
    static let headBytes = 256 << 10
    /// The largest JSON document that is read whole; of a larger one the first lines are shown as they are.
    static let jsonBytes = 4 << 20
    /// The longest JSON text that is shown.
    private static let shownBytes = 64 << 10

    /// - Parameter path: as the preview names it.
    /// - Throws: `BlobError` 404 when there is no file.
    func preview(of key: BlobKey, at path: String) async throws -> Preview {
        let content = try await blobs.read(key)
        let name = key.name.lowercased()
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        return Preview(
            path: path, mediaType: ArtifactType.mediaType(of: name), sizeBytes: content.totalBytes,
            content: try await Self.content(of: content, suffix: suffix))
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
            return table.map(Preview.Content.table) ?? .text(text)
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
        guard let text = try await text(of: file) else { return notText }
        return .text(text)
    }

    private static func head(of file: BlobContent) async throws -> ByteBuffer {
        try await file.slice(0..<headBytes).collect(limit: headBytes)
    }

    /// Nil for what is not text.
    private static func text(of file: BlobContent) async throws -> TextHead? {
        TextHead(head: try await head(of: file), isCut: file.totalBytes > headBytes)
    }

    private static func shown(_ json: JSON) -> TextHead {
        let text = json.prettyText
        guard text.utf8.count > shownBytes else { return TextHead(text: text, isCut: false) }
        return TextHead(text: String(text.prefix(shownBytes)), isCut: true)
    }
}
