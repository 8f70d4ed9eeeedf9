import Database
package import Wire

/// Manifests that are changed by whoever looked at them before.
extension ManifestStore {
    /// What is in force, since when and by whom.
    /// - Throws: `ManifestError` 404 when there is none of this name.
    package func applied(kind: String, name: String) async throws -> AppliedManifest {
        try await database.read { try applied(kind: kind, name: name, in: $0) }
    }

    private func applied(kind: String, name: String, in reader: Reader) throws -> AppliedManifest {
        let row = try reader.row(
            "SELECT document, applied_at, applied_by FROM manifests WHERE kind = \(kind) AND name = \(name)")
        guard let row else { throw unknown(kind: kind, name: name) }
        return try applied(row, kind: kind)
    }

    /// Puts a text in the place of the manifest that the edit began with.
    /// - Parameters:
    ///   - yaml: one document, of the same kind and name.
    ///   - version: of the manifest that the edit began with.
    /// - Throws: `ManifestError` with the place of what is wrong; `ManifestConflict` when another manifest is in force by now;
    ///   nothing is changed then.
    package func replace(
        kind: String, name: String, with yaml: String, basedOn version: String, by actor: String
    ) async throws -> Outcome {
        let (manifest, definition) = try edited(yaml, kind: kind, name: name)
        let now = clock.now
        return try await database.write { transaction in
            let current = try applied(kind: kind, name: name, in: transaction)
            guard current.version == version else { throw ManifestConflict(current: current) }
            return try store(manifest, definition, at: now, by: actor, keepsExisting: false, in: transaction)
        }
    }

    /// What an edited text says.
    /// - Throws: `ManifestError` with the place of what is wrong.
    func edited(_ yaml: String, kind: String, name: String) throws -> (Manifest, ManifestKind) {
        let manifests = try Manifest.parse(yaml: yaml)
        guard let manifest = manifests.first, manifests.count == 1 else {
            throw ManifestError(
                .invalidParameterValue, "The text holds \(manifests.count) manifests; it takes one.")
        }
        guard manifest.kind == kind, manifest.name == name else {
            throw ManifestError(
                .invalidParameterValue,
                "The text is of \(manifest.kind) '\(manifest.name)', and was to be of \(kind) '\(name)'.",
                hint: "What has another name is another thing: apply it with 'martlet apply -f FILE'.")
        }
        return (manifest, try checkedKind(of: manifest))
    }
}
