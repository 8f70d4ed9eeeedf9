package import Database

/// The table of what is being purged.
package enum TrashSchema {
    package static let migrations = [
        Migration(
            "trash-001",
            // What was taken from everybody's sight and is not yet gone altogether. After a crash the next purge goes on
            // from here.
            """
            CREATE TABLE purges (
                rank BIGINT NOT NULL, id TEXT NOT NULL, artifact_uri TEXT NOT NULL, requested_at BIGINT NOT NULL,
                PRIMARY KEY (rank, id))
            """)
    ]
}
