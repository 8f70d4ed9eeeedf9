package import Wire

/// The processes that answer for a model.
package struct WorkerCount: Sendable, Hashable {
    /// Those that answer now.
    package var ready: Int
    /// As many as there are to be.
    package var wanted: Int
    /// How often one was started again because it had ended, since the model was loaded.
    package var restarts: Int
    /// The ids of their processes.
    package var processIDs: [Int32] = []
}

extension WorkerCount: JSONRepresentable {
    package var json: JSON {
        [
            "ready": .integer(Int64(ready)), "wanted": .integer(Int64(wanted)), "restarts": .integer(Int64(restarts)),
        ]
    }
}
