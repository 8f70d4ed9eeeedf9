import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Wire

/// The bytes of a range of an object as S3 sends them. A connection that breaks half-way is made again from the byte
/// after the last one that came; an object that is replaced meanwhile is an error, never a mixture.
struct S3Chunks: BlobChunks {
    let client: S3Client
    let key: BlobKey
    let revision: String
    let range: Range<Int>
    /// The answer to a request for all of it.
    private var first: HTTPClientResponse?

    init(client: S3Client, key: BlobKey, revision: String, range: Range<Int>) {
        self.client = client
        self.key = key
        self.revision = revision
        self.range = range
    }

    func begun() async throws -> S3Chunks {
        var begun = self
        if !range.isEmpty { begun.first = try await open(from: range.lowerBound) }
        return begun
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(source: self, position: range.lowerBound)
    }

    struct Iterator: AsyncIteratorProtocol {
        let source: S3Chunks
        var position: Int
        private var body: HTTPClientResponse.Body.AsyncIterator?
        /// Since bytes last came.
        private var failures = 0

        init(source: S3Chunks, position: Int) {
            self.source = source
            self.position = position
            body = source.first?.body.makeAsyncIterator()
        }

        mutating func next() async throws -> ByteBuffer? {
            while position < source.range.upperBound {
                do {
                    if body == nil { body = try await source.open(from: position).body.makeAsyncIterator() }
                    if let chunk = try await body?.next() {
                        failures = 0
                        position += chunk.readableBytes
                        return chunk
                    }
                } catch let error as BlobError {
                    throw error
                } catch {
                    try Task.checkCancellation()
                }
                body = nil
                failures += 1
                guard failures < source.client.backoff.attempts else { throw source.cutOff(at: position) }
                try await source.client.pause(after: failures)
            }
            return nil
        }
    }

    private func open(from position: Int) async throws -> HTTPClientResponse {
        var request = S3Request(
            purpose: "read '\(key.path)'", method: .GET, object: client.location.object(key))
        request.headers = [
            (name: "if-match", value: "\"\(revision)\""),
            (name: "range", value: "bytes=\(position)-\(range.upperBound - 1)"),
        ]
        let response = try await client.open(request)
        guard response.status == .partialContent || position == 0 else {
            throw BlobError(.badRequest, "The artifact store sends whole objects where a range was asked for.")
        }
        return response
    }

    private func cutOff(at position: Int) -> BlobError {
        BlobError(
            .unavailable, "The artifact store broke off '\(key.path)' after \(position) bytes, again and again.",
            hint: "Try again in a moment.", retryAfterSeconds: 5)
    }
}
