package import Database

/// The table beside the other metadata that says how long predictions are kept.
package enum RetentionSchema {
    package static let migrations = [
        Migration(
            "predictions-retention-001",
            "CREATE TABLE prediction_retention (endpoint TEXT PRIMARY KEY, days BIGINT NOT NULL)")
    ]
}
