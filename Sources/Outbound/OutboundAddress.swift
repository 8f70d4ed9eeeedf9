import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where messages go, understood: https to a named host, unless the server is set up to allow more.
package struct OutboundAddress: Sendable, Hashable {
    package let url: String
    /// Without the brackets of an IPv6 address.
    package let host: String
    package let port: Int

    /// - Parameters:
    ///   - receiver: what messages call the receiver, such as `webhook`.
    ///   - allowsPrivate: whether plain http will do.
    /// - Throws: `FieldProblem` for text that is no such address.
    package init(_ text: String, receiver: String, allowsPrivate: Bool) throws {
        guard text.utf8.count <= 2048, let parsed = URL(string: text), let scheme = parsed.scheme?.lowercased(),
            let host = parsed.host(percentEncoded: false), !host.isEmpty, parsed.user == nil, parsed.password == nil
        else {
            // Without the text: some addresses are secrets.
            throw FieldProblem("Invalid \(receiver) URL.", hint: "It looks like https://example.org/hook.")
        }
        guard scheme == "https" || allowsPrivate && scheme == "http" else {
            throw FieldProblem(
                "Invalid \(receiver) URL scheme '\(scheme)': deliveries go over https only.",
                hint: "Within your own network, start the server with --private-webhooks to allow http.")
        }
        url = text
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parsed.port ?? (scheme == "https" ? 443 : 80)
    }
}

/// An address of the internet protocol, as bytes in the order of the network: 4 of version 4, 16 of version 6.
package struct NetworkAddress: Sendable, Hashable {
    package let bytes: [UInt8]

    /// Whether it is an address of the open internet: not of this machine, of a private or reserved network, or of many.
    /// After IANA's registries of special-purpose addresses (RFC 6890).
    package var isPublic: Bool { bytes.count == 4 ? Self.isPublic(version4: bytes) : Self.isPublic(version6: bytes) }

    private static func isPublic(version4 bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (192, 168, _), (224..., _, _): false
        case (100, 64...127, _), (172, 16...31, _), (198, 18...19, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
        default: true
        }
    }

    private static func isPublic(version6 bytes: [UInt8]) -> Bool {
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return isPublic(version4: Array(bytes.suffix(4)))
        }
        // Of what is given out, 2000::/3, all but 2001::/23, documentation, and 6to4, which hides addresses of version 4.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        let head = (bytes[0], bytes[1])
        return switch head {
        case (0x20, 0x01): !(bytes[2] < 0x02 || bytes[2] == 0x0D && bytes[3] == 0xB8)
        case (0x20, 0x02): false
        case (0x3F, 0xFF): bytes[2] >= 0x10
        default: true
        }
    }

    /// As text: what a connection is opened to.
    package var text: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { place in
            String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
