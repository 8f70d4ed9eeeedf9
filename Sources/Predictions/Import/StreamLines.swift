package import NIOCore

/// A line of a stream.
package struct StreamLine: Sendable, Hashable {
    /// Counted from 1, empty lines too.
    package let number: Int
    /// Without its end; nil for a line that is longer than any may be.
    package let text: ByteBuffer?

    package init(number: Int, text: ByteBuffer?) {
        self.number = number
        self.text = text
    }

    /// The longest line there may be, in bytes.
    package static let maximumBytes = 1 << 20
}

/// Cuts bytes into lines as they come. Lines of nothing but white space are left out; of one that is too long nothing is
/// kept.
package struct StreamLines<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == ByteBuffer {
    package typealias Element = StreamLine
    package typealias Failure = any Error

    private let base: Base
    private let maximumBytes: Int

    /// - Parameter maximumBytes: the longest line that is handed out with its text.
    package init(base: Base, maximumBytes: Int = StreamLine.maximumBytes) {
        self.base = base
        self.maximumBytes = maximumBytes
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), maximumBytes: maximumBytes)
    }

    package struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let maximumBytes: Int
        /// What came and was not handed out.
        private var rest = ByteBuffer()
        /// How many bytes of `rest` have no end of a line.
        private var searched = 0
        private var number = 0
        private var isTooLong = false
        private var isAtEnd = false

        init(base: Base.AsyncIterator, maximumBytes: Int) {
            self.base = base
            self.maximumBytes = maximumBytes
        }

        package mutating func next() async throws -> StreamLine? {
            while true {
                if let line = cut() {
                    if line.text?.isBlank ?? false { continue }
                    return line
                }
                guard !isAtEnd else { return nil }
                if var chunk = try await base.next() {
                    if rest.readableBytes == 0 {
                        rest = chunk
                    } else {
                        // Lines that were handed out must neither be copied along nor pile up.
                        rest.discardReadBytes()
                        rest.writeBuffer(&chunk)
                    }
                } else {
                    isAtEnd = true
                }
            }
        }

        /// The next line that is there whole.
        private mutating func cut() -> StreamLine? {
            let view = rest.readableBytesView
            if let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) {
                let length = end - view.startIndex
                let text = rest.readSlice(length: length)
                rest.moveReaderIndex(forwardBy: 1)
                searched = 0
                return line(text)
            }
            searched = rest.readableBytes
            if searched > maximumBytes {
                isTooLong = true
                rest.clear()
                searched = 0
            }
            guard isAtEnd, isTooLong || rest.readableBytes > 0 else { return nil }
            searched = 0
            return line(rest.readSlice(length: rest.readableBytes))
        }

        private mutating func line(_ text: ByteBuffer?) -> StreamLine {
            defer { isTooLong = false }
            number += 1
            let fits = !isTooLong && (text?.readableBytes ?? 0) <= maximumBytes
            return StreamLine(number: number, text: fits ? text : nil)
        }
    }
}

extension ByteBuffer {
    fileprivate var isBlank: Bool {
        readableBytesView.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }
}
