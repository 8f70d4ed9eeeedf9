import CZlib
import HTTPTypes
import NIOCore

/// Answers packed for clients that say they can unpack them (RFC 9110, section 12.5.3).
enum Gzip {
    enum Level: Int32 {
        /// For what is packed for one answer.
        case quick = 1
        /// For what is packed once and sent often.
        case smallest = 9
    }

    /// - Parameter header: the value of `Accept-Encoding`.
    static func isAccepted(_ header: String?) -> Bool {
        guard let header else { return false }
        var isAccepted: Bool?
        var isAnyAccepted = false
        for member in header.split(separator: ",") {
            let parts = member.split(separator: ";").map(\.trimmed)
            guard let name = parts.first?.lowercased() else { continue }
            let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }.map { $0.dropFirst(2).trimmed }
            let isWanted = quality.map { (Double($0) ?? 0) > 0 } ?? true
            if name == "gzip" || name == "x-gzip" { isAccepted = isWanted }
            if name == "*" { isAnyAccepted = isWanted }
        }
        return isAccepted ?? isAnyAccepted
    }

    /// - Returns: nil when it would not become smaller.
    static func packed(_ body: ByteBuffer, level: Level) -> ByteBuffer? {
        var stream = z_stream()
        let began = deflateInit2_(
            &stream, level.rawValue, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard began == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var output = ByteBuffer()
        // zlib asks for a pointer that it could write through, and does not.
        let isWhole = body.withUnsafeReadableBytes { bytes in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(clamping: bytes.count)
            var status = Z_OK
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: max(bytes.count, 1)) { space in
                stream.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(clamping: bytes.count)
                status = deflate(&stream, Z_FINISH)
                return bytes.count - Int(stream.avail_out)
            }
            return status == Z_STREAM_END
        }
        return isWhole ? output : nil
    }
}

extension Reply {
    /// What fits into one packet gains nothing.
    private static let leastPacked = 1400
    /// Packing more would hold up others for longer than it takes to send it; what is this long is streamed, mostly.
    private static let mostPacked = 4 << 20

    /// The answer packed with gzip, when it is text in memory and the client takes it so.
    ///
    /// Compressed answers betray secrets that stand beside what an attacker may put there (BREACH): pages hold none. There are
    /// no tokens in forms, and the cookie of a session is in a header, which is not packed, and never in a page.
    func packed(accepting header: String?) -> Reply {
        guard case .bytes(let plain) = body, isPackable,
            (Self.leastPacked...Self.mostPacked).contains(plain.readableBytes)
        else { return self }
        var copy = self
        if copy.headers[.vary] == nil { copy.headers[.vary] = "Accept-Encoding" }
        guard Gzip.isAccepted(header), let packed = Gzip.packed(plain, level: .quick) else { return copy }
        copy.body = .bytes(packed)
        copy.headers[.contentEncoding] = "gzip"
        return copy
    }

    /// Whole, not coded already, with nothing that names its bytes, and text.
    private var isPackable: Bool {
        guard status.code != 206, headers[.contentEncoding] == nil, headers[.contentRange] == nil,
            headers[.acceptRanges] == nil, headers[.eTag] == nil, let type = headers[.contentType]
        else { return false }
        let name = type.prefix { $0 != ";" }.lowercased().trimmed
        guard name != "text/event-stream" else { return false }
        // Programs ask for JSON, mostly from near by: packing a page of runs would take a third as long as to find it.
        return name.hasPrefix("text/")
    }
}
