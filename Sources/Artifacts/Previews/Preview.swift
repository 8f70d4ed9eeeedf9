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
            members.append(("kind", "table"))
            members += head.members
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

extension TableHead {
    fileprivate var members: [(String, JSON)] {
        var members: [(String, JSON)] = [("columns", .strings(columns))]
        if let types { members.append(("types", .strings(types))) }
        members += [("rows", .array(rows.map { .array($0) })), ("truncated", .bool(isCut))]
        if let rowCount { members.append(("row_count", .integer(Int64(rowCount)))) }
        if columnCount > columns.count { members.append(("column_count", .integer(Int64(columnCount)))) }
        if let note { members.append(("note", .string(note))) }
        return members
    }
}
