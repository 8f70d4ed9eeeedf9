import NIOCore
import NIOHTTP1
import Wire

/// A part of an object that S3 has.
package struct UploadedPart: Sendable, Hashable {
    /// From 1 on.
    package let number: Int
    /// What S3 answered with, in its quotes.
    package let tag: String

    package init(number: Int, tag: String) {
        self.number = number
        self.tag = tag
    }
}

/// Uploads in parts. Nothing is seen of an object until all of its parts are put together.
extension S3Client {
    /// - Returns: the id of the upload.
    func beginUpload(of key: BlobKey) async throws -> String {
        var request = S3Request(purpose: "store '\(key.path)'", method: .POST, object: location.object(key))
        request.query = [(name: "uploads", value: "")]
        return try await send(request) { answer in
            guard let id = try answer.xml()["UploadId"]?.text, !id.isEmpty else {
                throw S3Refusal(status: 502, code: "", message: "it begins an upload without an id")
            }
            return id
        }
    }

    func sendPart(
        _ part: ByteBuffer, as number: Int, of upload: String, of key: BlobKey
    ) async throws -> UploadedPart {
        var request = partRequest(number, of: upload, of: key)
        request.body = part
        return try await send(request) { answer in
            guard let tag = answer.headers.first(name: "etag") else {
                throw S3Refusal(status: 502, code: "", message: "it takes a part without a tag")
            }
            return UploadedPart(number: number, tag: tag)
        }
    }

    /// What uploads one part, without the part.
    func partRequest(_ number: Int, of upload: String, of key: BlobKey) -> S3Request {
        var request = S3Request(purpose: "store '\(key.path)'", method: .PUT, object: location.object(key))
        request.query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: upload)]
        return request
    }

    /// Puts the parts together, in the order of their numbers.
    func completeUpload(_ upload: String, of key: BlobKey, _ parts: [UploadedPart]) async throws {
        let list = parts.sorted { $0.number < $1.number }.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(part.tag.xmlEscaped)</ETag></Part>"
        }
        var request = S3Request(purpose: "store '\(key.path)'", method: .POST, object: location.object(key))
        request.query = [(name: "uploadId", value: upload)]
        request.headers = [(name: "content-type", value: "application/xml")]
        request.body = ByteBuffer(string: "<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>")
        // S3 answers 200 before it is done, and may then say that it failed.
        try await send(request) { _ = try $0.xml() }
    }

    /// Forgets the parts; there may be none.
    func abortUpload(_ upload: String, of key: BlobKey) async throws {
        var request = S3Request(purpose: "abort '\(key.path)'", method: .DELETE, object: location.object(key))
        request.query = [(name: "uploadId", value: upload)]
        try await send(request)
    }
}
