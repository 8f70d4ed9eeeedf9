import Foundation
import Wire

/// The name of an object: components separated by `/`, safe to use below a folder or in a bucket.
///
/// Text from outside is hostile: it is percent-decoded until it no longer changes, and whatever could climb out of the
/// store or mean something else on another system is refused.
package struct BlobKey: Sendable, Hashable {
    /// Never empty components, `.`, `..`, backslashes or control characters; empty for the root itself.
    package let path: String

    /// Where stores keep what is not whole yet; no object may be named like it.
    static let reserved = ".partial"

    /// The root, which holds everything.
    package static let root = BlobKey(checked: "")

    private init(checked path: String) {
        self.path = path
    }

    /// - Throws: `BlobError` 400 `Invalid path` for a path that is absolute or climbs, in whatever encoding.
    package init(_ raw: String) throws {
        var text = raw
        for _ in 0..<10 {
            guard let decoded = text.removingPercentEncoding, decoded != text else { break }
            text = decoded
        }
        let components = text.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
        let isSafe =
            !text.hasPrefix("/") && !text.contains("\\") && !text.contains("#")
            && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
            && !components.contains("..") && components.first.map { $0 != Self.reserved && !Self.isDrive($0) } ?? true
            && components.allSatisfy { $0.utf8.count <= 255 } && text.removingPercentEncoding.map { $0 == text } ?? true
        guard isSafe else {
            throw BlobError(.invalidParameterValue, "Invalid path: '\(raw.prefix(200))'.")
        }
        path = components.joined(separator: "/")
    }

    private static func isDrive(_ component: Substring) -> Bool {
        component.utf8.count >= 2 && component.first?.isLetter == true && component.dropFirst().first == ":"
    }

    package func appending(_ raw: String) throws -> BlobKey {
        let rest = try BlobKey(raw)
        if path.isEmpty { return rest }
        return rest.path.isEmpty ? self : BlobKey(checked: "\(path)/\(rest.path)")
    }

    /// The last component.
    package var name: String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }
}
