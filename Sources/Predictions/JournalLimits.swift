extension PredictionJournal {
    /// How much a journal takes before it begins a file, refuses, or gives up.
    struct Limits: Sendable {
        /// A file that has grown to this size is followed by another.
        var segmentBytes = 64 << 20
        /// So many bytes may wait to be written, or for the store, before requests are refused.
        var waitingBytes = 256 << 20
        var unstoredBytes = 4 << 30
        /// So many bytes wait for observers before these go without.
        var unobservedBytes = 1 << 30
        /// A line up to this size is written by who appends it when nothing else is being written.
        var ownLineBytes = 64 << 10
        /// So many numbers of requests stay in memory until they are in the store; none where nobody is told of them.
        var heldNumbers = 1 << 20
    }
}
