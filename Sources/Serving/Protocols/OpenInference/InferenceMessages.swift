import Wire

/// What is the same in all of the Open Inference Protocol, and in KServe's first version.
enum InferenceMessages {
    /// An error: `{"error": …}`.
    static func error(_ problem: any Problem) -> JSON {
        ["error": .string("\(problem)")]
    }
}
