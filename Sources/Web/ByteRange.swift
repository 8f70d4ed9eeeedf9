import HTTPTypes
import Wire

/// A satisfiable part of a representation, from a `Range` header (RFC 9110, section 14).
package struct ByteRange: Sendable, Hashable {
    /// Offsets of the first byte and of the byte after the last.
    package let bytes: Range<Int>
    /// The length of the whole.
    package let total: Int

    /// The value of `Content-Range`.
    package var contentRange: String { "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(total)" }

    /// Reads a header against a representation of `total` bytes.
    /// - Returns: nil when the whole must be sent: no header, another unit, several ranges, or a malformed one.
    /// - Throws: `WebError` 416 when the range lies outside the representation.
    package init?(header: String?, total: Int) throws {
        // Units are case-insensitive.
        guard let header, header.prefix("bytes=".count).lowercased() == "bytes=" else { return nil }
        let spec = header.dropFirst("bytes=".count)
        let ends = spec.split(separator: "-", omittingEmptySubsequences: false).map(\.trimmed)
        guard !spec.contains(","), ends.count == 2, let first = Self.offset(ends[0]), let last = Self.offset(ends[1])
        else { return nil }

        let range: Range<Int>
        switch (first, last) {
        case (nil, nil): return nil
        case (nil, let suffix?): range = max(0, total - suffix)..<total
        case (let first?, nil): range = min(first, total)..<total
        case (let first?, let last?):
            guard first <= last else { return nil }
            range = min(first, total)..<min(last == .max ? last : last + 1, total)
        }
        guard !range.isEmpty else {
            throw WebError(
                .rangeNotSatisfiable, "The range '\(header)' lies outside the \(total) bytes there are.",
                headers: [.contentRange: "bytes */\(total)"])
        }
        bytes = range
        self.total = total
    }

    /// An absent offset is `.some(nil)`; nil means that the text is not a number.
    private static func offset(_ text: String) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return .some(Int(text) ?? .max)
    }
}
