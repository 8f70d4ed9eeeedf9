package import Database

/// The table of applied manifests.
package enum ManifestSchema {
    package static let migrations = [
        Migration(
            "manifests-001",
            """
            CREATE TABLE manifests (
                kind TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, applied_at BIGINT NOT NULL,
                applied_by TEXT NOT NULL, PRIMARY KEY (kind, name))
            """)
    ]
}
