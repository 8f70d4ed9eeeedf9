import Database
import Tracking

extension RegisteredModelStore {
    /// The names of models in which a word stands.
    /// - Parameter word: in small letters.
    package func names(containing word: String, limit: Int) async throws -> [String] {
        let pattern = "%\(word.patternText)%"
        return try await database.read { reader in
            try reader.values(
                """
                SELECT name FROM registered_models
                WHERE deleted_at IS NULL AND LOWER(name) LIKE \(pattern) ESCAPE '\\' ORDER BY name LIMIT \(limit)
                """)
        }
    }
}
