import NIOCore

/// The width and height of a picture in pixels, read from the beginning of its file.
struct ImageSize: Sendable, Hashable {
    let width: Int
    let height: Int

    /// Nil for bytes that are not the beginning of a PNG, GIF, JPEG or WebP.
    init?(head: ByteBuffer) {
        let size = Self.png(head) ?? Self.gif(head) ?? Self.jpeg(head) ?? Self.webP(head)
        guard let size, size.width > 0, size.height > 0 else { return nil }
        width = size.width
        height = size.height
    }

    private typealias Size = (width: Int, height: Int)

    private static func begins(_ head: ByteBuffer, _ bytes: [UInt8], at offset: Int = 0) -> Bool {
        head.getBytes(at: head.readerIndex + offset, length: bytes.count) == bytes
    }

    private static func number(
        _ head: ByteBuffer, at offset: Int, bytes count: Int, _ order: Endianness
    ) -> Int? {
        guard let bytes = head.getBytes(at: head.readerIndex + offset, length: count) else { return nil }
        return (order == .big ? bytes : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }

    /// The header chunk comes first (PNG specification, 11.2.2).
    private static func png(_ head: ByteBuffer) -> Size? {
        guard begins(head, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            let width = number(head, at: 16, bytes: 4, .big), let height = number(head, at: 20, bytes: 4, .big)
        else { return nil }
        return (width, height)
    }

    /// The logical screen (GIF89a specification, section 18).
    private static func gif(_ head: ByteBuffer) -> Size? {
        guard begins(head, Array("GIF8".utf8)), let width = number(head, at: 6, bytes: 2, .little),
            let height = number(head, at: 8, bytes: 2, .little)
        else { return nil }
        return (width, height)
    }

    /// The first frame header among the segments (ITU T.81, B.2.2).
    private static func jpeg(_ head: ByteBuffer) -> Size? {
        guard begins(head, [0xFF, 0xD8]) else { return nil }
        var offset = 2
        while let marker = number(head, at: offset, bytes: 2, .big), marker > 0xFF00,
            let length = number(head, at: offset + 2, bytes: 2, .big), length >= 2
        {
            let kind = marker & 0xFF
            // C4, C8 and CC lie among the frame headers, but are tables and an extension.
            if (0xC0...0xCF).contains(kind), ![0xC4, 0xC8, 0xCC].contains(kind) {
                guard let height = number(head, at: offset + 5, bytes: 2, .big),
                    let width = number(head, at: offset + 7, bytes: 2, .big)
                else { return nil }
                return (width, height)
            }
            offset += 2 + length
        }
        return nil
    }

    /// Lossy, lossless and extended files (RFC 9649, section 2; lossy frames: RFC 6386, section 9.1).
    private static func webP(_ head: ByteBuffer) -> Size? {
        guard begins(head, Array("RIFF".utf8)), begins(head, Array("WEBP".utf8), at: 8) else { return nil }
        if begins(head, Array("VP8X".utf8), at: 12), let width = number(head, at: 24, bytes: 3, .little),
            let height = number(head, at: 27, bytes: 3, .little)
        {
            return (width + 1, height + 1)
        }
        if begins(head, Array("VP8L".utf8), at: 12), let bits = number(head, at: 21, bytes: 4, .little) {
            return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        }
        if begins(head, Array("VP8 ".utf8), at: 12), let width = number(head, at: 26, bytes: 2, .little),
            let height = number(head, at: 28, bytes: 2, .little)
        {
            return (width & 0x3FFF, height & 0x3FFF)
        }
        return nil
    }
}
