package import NIOCore
import Wire

/// The bytes of an object, or a range of them, in chunks that are fetched only when they are asked for.
package struct BlobContent: AsyncSequence, Sendable {
    package typealias Chunks = any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// The object as it was when it was opened; never bytes of a later one.
    package let info: BlobInfo
    package let range: Range<Int>
    private let open: @Sendable (Range<Int>) -> Chunks

    init(info: BlobInfo, range: Range<Int>? = nil, open: @escaping @Sendable (Range<Int>) -> Chunks) {
        self.info = info
        self.range = range ?? 0..<info.sizeBytes
        self.open = open
    }

    /// The size of the whole object in bytes.
    package var totalBytes: Int { info.sizeBytes }

    /// The same object, another range of it.
    package func slice(_ range: Range<Int>) -> BlobContent {
        BlobContent(info: info, range: range.clamped(to: 0..<info.sizeBytes), open: open)
    }

    /// All of it in memory.
    /// - Throws: `BlobError` when it has more than `limit` bytes.
    package func collect(limit: Int) async throws -> ByteBuffer {
        guard range.count <= limit else {
            throw BlobError(
                .tooLarge,
                "'\(info.name)' has \(range.count) bytes, more than the \(limit) that are read at once.")
        }
        var whole = ByteBuffer()
        for try await var chunk in self { whole.writeBuffer(&chunk) }
        return whole
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(chunks: open(range).makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunks: any AsyncIteratorProtocol<ByteBuffer, any Error>

        package mutating func next() async throws -> ByteBuffer? {
            try await chunks.next()
        }
    }
}
