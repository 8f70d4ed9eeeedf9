import NIOCore
import Wire

/// The chunks of a file, which fail at the end when they are fewer or more than the source said, and say so when the source
/// breaks off.
struct WholeFile: AsyncSequence, Sendable {
    let chunks: FileChunks
    let sizeBytes: Int
    let path: String

    func makeAsyncIterator() -> Iterator {
        Iterator(chunks: chunks.makeAsyncIterator(), missing: sizeBytes, path: path)
    }

    struct Iterator: AsyncIteratorProtocol {
        var chunks: any AsyncIteratorProtocol<ByteBuffer, any Error>
        var missing: Int
        let path: String

        mutating func next() async throws -> ByteBuffer? {
            guard let chunk = try await nextChunk() else {
                guard missing == 0 else {
                    throw ExchangeError(
                        .invalidParameterValue, "'\(path)' has another size than the source says: \(missing) bytes off."
                    )
                }
                return nil
            }
            missing -= chunk.readableBytes
            return chunk
        }

        private mutating func nextChunk() async throws -> ByteBuffer? {
            do {
                return try await chunks.next(isolation: nil)
            } catch let error where !(error is CancellationError) {
                throw ExchangeError(
                    .invalidParameterValue, "'\(path)' broke off in the source, \(missing) bytes before its end.")
            }
        }
    }
}
