import Assets
import Crypto
import HTTPTypes
import NIOCore
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The embedded files under paths that name what they are, so that browsers may keep them for ever.
///
/// One digest stands for all of them: a module asks for another by `./name.js`, relative to its own path, and would be
/// handed last year's copy if each had its own.
enum AssetTable {
    private struct Entry {
        let plain: ByteBuffer
        /// Packed once, as small as zlib can.
        let gzip: ByteBuffer?
        let type: String
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for asset in Asset.all {
            let plain = ByteBuffer(bytes: asset.bytes)
            entries[asset.name] = Entry(
                plain: plain, gzip: Gzip.packed(plain, level: .smallest), type: mediaType(of: asset.name))
        }
        return entries
    }()

    private static let digest: String = {
        var hash = SHA256()
        for asset in Asset.all {
            hash.update(data: Data("\(asset.name)\u{0}\(asset.bytes.count)\u{0}".utf8))
            hash.update(data: Data(asset.bytes))
        }
        return hash.finalize().prefix(6).hexadecimal
    }()

    /// Where a page finds the file `name`.
    static func path(of name: String) -> String {
        "/assets/\(digest)/\(name)"
    }

    static func routes(into routes: inout Routes) {
        routes.add(.get, "/assets/{digest}/{name}", .open) { call in
            let name = try call.path("name")
            guard let entry = entries[name] else {
                throw WebError(.unknownEndpoint, "There is no file '\(name)' among the assets.")
            }
            // A page that another version of the server drew gets what there is now, and must not keep it under that name.
            let isCurrent = try call.path("digest") == digest
            var reply = Reply(
                headers: [
                    .contentType: entry.type,
                    .cacheControl: isCurrent ? "public, max-age=31536000, immutable" : "no-cache",
                    .vary: "Accept-Encoding",
                ], body: .bytes(entry.plain))
            if let gzip = entry.gzip, Gzip.isAccepted(call.headers[.acceptEncoding]) {
                reply.body = .bytes(gzip)
                reply.headers[.contentEncoding] = "gzip"
            }
            return reply
        }
    }

    private static func mediaType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
