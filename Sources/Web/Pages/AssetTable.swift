import Assets
import Crypto
import HTTPTypes
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The embedded files under paths that name their content, so that browsers may keep them for ever.
enum AssetTable {
    private struct Entry {
        let asset: Asset
        let path: String
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for asset in Asset.all {
            let digest = SHA256.hash(data: Data(asset.bytes)).prefix(6).hexadecimal
            entries[asset.name] = Entry(asset: asset, path: "/assets/\(digest)/\(asset.name)")
        }
        return entries
    }()

    /// Where a page finds the file `name`.
    static func path(of name: String) -> String {
        entries[name]?.path ?? "/assets/0/\(name)"
    }

    static func routes(into routes: inout Routes) {
        routes.add(.get, "/assets/{digest}/{name}", .open) { call in
            let name = try call.path("name")
            guard let entry = entries[name] else {
                throw WebError(.unknownEndpoint, "There is no file '\(name)' among the assets.")
            }
            return Reply.bytes(entry.asset.bytes, type: mediaType(of: name))
                .adding(.cacheControl, "public, max-age=31536000, immutable")
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
