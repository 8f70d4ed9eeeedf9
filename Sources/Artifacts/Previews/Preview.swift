import Foundation
import NIOCore
import Wire

/// What is shown of a file without downloading it.
struct Preview: Sendable {
    /// Relative to the root of its run or model.
    let path: String
    let mediaType: String
    let sizeBytes: Int
    let content: Content

    enum Content: Sendable {
        /// A picture that browsers show without running anything in it.
        /// - Parameter bytes: the whole of a small one.
        case image(ImageSize?, bytes: ByteBuffer?)
        case text(TextHead)
        /// JSON, set for people.
        case json(TextHead)
        case table(TableHead)
        /// Something that may hold scripts: shown only inside a sandbox.
        case document
        /// - Parameter reason: a sentence that says why there is nothing to see.
        case none(reason: String)
    }
}

extension Preview: JSONRepresentable {
    var json: JSON {
        var members: [(String, JSON)] = [
            ("path", .string(path)), ("media_type", .string(mediaType)), ("size_bytes", .integer(Int64(sizeBytes))),
        ]
        switch content {
        case .image(let size, let bytes):
            members.append(("kind", "image"))
            if let size {
                members += [("width", .integer(Int64(size.width))), ("height", .integer(Int64(size.height)))]
            }
            if let bytes { members.append(("data", .string(Data(bytes.readableBytesView).base64EncodedString()))) }
        case .text(let head): members += [("kind", "text")] + head.members
        case .json(let head): members += [("kind", "json")] + head.members
        case .table(let head):
            members += [
                ("kind", "table"), ("columns", .strings(head.columns)),
                ("rows", .array(head.rows.map { .array($0) })), ("truncated", .bool(head.isCut)),
            ]
        case .document: members.append(("kind", "html"))
        case .none(let reason): members += [("kind", "none"), ("reason", .string(reason))]
        }
        return .members(members)
    }
}

extension TextHead {
    fileprivate var members: [(String, JSON)] {
        [("text", .string(text)), ("encoding", "utf-8"), ("truncated", .bool(isCut))]
    }
}
