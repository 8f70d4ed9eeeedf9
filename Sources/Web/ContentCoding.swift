import CZlib
import NIOCore
import Wire

/// How a client compressed a body (RFC 9110, section 8.4.1).
enum ContentCoding: String {
    case gzip
    case deflate

    /// - Returns: nil when the body came as it is.
    /// - Throws: `WebError` 400 for a coding that is not known here.
    init?(header: String?) throws {
        let name = (header ?? "").trimmed.lowercased()
        guard !name.isEmpty, name != "identity" else { return nil }
        guard let coding = ContentCoding(rawValue: name) else {
            throw WebError(
                .invalidParameterValue,
                "The body has the Content-Encoding '\(name.prefix(40))', which is not known here.",
                hint: "Send it as it is, or with gzip or deflate.")
        }
        self = coding
    }

    /// What was compressed.
    /// - Parameter limit: in bytes; no more than this is ever held, however much the body would unpack to.
    /// - Throws: `WebError` 400 for a body that is damaged, 413 beyond the limit.
    func decoded(_ body: ByteBuffer, limit: Int) throws -> ByteBuffer {
        // zlib's way of saying "with the header of gzip": 16 more than the size of the window.
        guard self == .deflate else { return try Self.inflated(body, windowBits: MAX_WBITS + 16, limit: limit) }
        do {
            return try Self.inflated(body, windowBits: MAX_WBITS, limit: limit)
        } catch let error as WebError where error.code != .tooLarge {
            // "deflate" means zlib's format; some clients send the bare stream inside it.
            return try Self.inflated(body, windowBits: -MAX_WBITS, limit: limit)
        }
    }

    private static let chunkBytes = 64 << 10

    private static func inflated(_ body: ByteBuffer, windowBits: Int32, limit: Int) throws -> ByteBuffer {
        var input = Array(body.readableBytesView)
        return try input.withUnsafeMutableBufferPointer { bytes in
            try inflated(bytes, windowBits: windowBits, limit: limit)
        }
    }

    private static func inflated(
        _ input: UnsafeMutableBufferPointer<UInt8>, windowBits: Int32, limit: Int
    ) throws -> ByteBuffer {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw WebError(.internalError, "zlib could not be started.")
        }
        defer { inflateEnd(&stream) }
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(clamping: input.count)
        var output = ByteBuffer()
        var status = Z_OK
        while status == Z_OK {
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: chunkBytes) { space in
                stream.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(clamping: space.count)
                status = inflate(&stream, Z_NO_FLUSH)
                return space.count - Int(stream.avail_out)
            }
            guard output.readableBytes <= limit else {
                throw WebError(
                    .tooLarge, "The body unpacks to more than \(limit >> 20) MiB.", hint: "Send it in smaller batches.")
            }
        }
        guard status == Z_STREAM_END else {
            throw WebError(.invalidParameterValue, "The compressed body is damaged or ends too early.")
        }
        return output
    }
}
