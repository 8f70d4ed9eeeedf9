import Crypto
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A manifest in force, and since when.
package struct AppliedManifest: Sendable, Hashable {
    package let manifest: Manifest
    /// The word for its kind in paths, such as `endpoints`.
    let plural: String
    package let appliedAt: Timestamp
    package let appliedBy: String
    /// Tells what it says from anything else that it might say. Whoever edits it says what the edit began with, so that what
    /// somebody else has written meanwhile is not overwritten.
    package let version: String

    init(document: String, plural: String, appliedAt: Timestamp, appliedBy: String) throws {
        manifest = try Manifest(json: try JSON.parse(document))
        self.plural = plural
        self.appliedAt = appliedAt
        self.appliedBy = appliedBy
        version = Self.version(of: document)
    }

    /// What events call what it declares.
    var subject: String { "\(plural)/\(manifest.name)" }

    static func version(of document: String) -> String {
        SHA256.hash(data: Data(document.utf8)).prefix(12).hexadecimal
    }
}

/// A manifest was changed since an edit of it began. Nothing was written.
package struct ManifestConflict: Problem {
    /// What is in force now.
    package let current: AppliedManifest

    package var code: ProblemCode { .conflict }
    package var message: String {
        "The manifest '\(current.manifest.name)' was changed meanwhile, by \(current.appliedBy). Nothing was written."
    }
    package var hint: String? { "Look at what is in force now, and change that." }
}
