import Database

extension ExperimentStore {
    /// The ids and names of active experiments in whose name a word stands, the newest first.
    /// - Parameter word: in small letters.
    package func names(
        containing word: String, limit: Int
    ) async throws -> [(id: ExperimentID, name: String)] {
        let pattern = "%\(word.patternText)%"
        return try await database.read { reader in
            try reader.rows(
                """
                SELECT experiment_id, name FROM experiments
                WHERE lifecycle_stage = 'active' AND LOWER(name) LIKE \(pattern) ESCAPE '\\'
                ORDER BY experiment_id DESC LIMIT \(limit)
                """
            ).map { (try $0.get(0), try $0.get(1)) }
        }
    }
}

extension String {
    /// Within a pattern of LIKE whose escape is the backslash, with nothing that stands for anything else.
    package var patternText: String {
        replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}
