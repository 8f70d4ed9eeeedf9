import Wire

/// A manifest in force, with when it came to be so, and by whom.
struct AppliedManifest: Sendable, Hashable {
    let manifest: Manifest
    /// The word for its kind in paths, such as `endpoints`.
    let plural: String
    let appliedAt: Timestamp
    let appliedBy: String

    /// What events call what it declares.
    var subject: String { "\(plural)/\(manifest.name)" }
}
