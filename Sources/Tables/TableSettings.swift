/// What one job may take and touch.
package struct TableSettings: Sendable, Hashable {
    /// The files that statements reach.
    package enum Files: Sendable, Hashable {
        /// Those that are named and no other, and nothing outside this machine.
        case only([String])
        /// All that this process reaches: only for statements that the house itself wrote.
        case all
    }

    /// How much memory it takes before it writes to `temporaryFolder` or gives up.
    package let memoryBytes: Int
    package let threads: Int
    /// Where it puts what does not fit in memory; nil to give up instead.
    package let temporaryFolder: String?
    package let files: Files
    /// Whether it reads parts of Parquet files before they are needed: faster for a whole file, a waste of memory for the
    /// beginning of one.
    package let readsAhead: Bool

    package init(
        memoryBytes: Int, threads: Int = 1, temporaryFolder: String? = nil, files: Files, readsAhead: Bool = true
    ) {
        self.memoryBytes = memoryBytes
        self.threads = threads
        self.temporaryFolder = temporaryFolder
        self.files = files
        self.readsAhead = readsAhead
    }

    /// What DuckDB is opened with. Extensions come with the library or not at all: none is ever fetched.
    var options: [(name: String, value: String)] {
        [
            ("memory_limit", "\(memoryBytes)B"), ("threads", "\(threads)"), ("temp_directory", temporaryFolder ?? ""),
            ("autoinstall_known_extensions", "false"), ("autoload_known_extensions", "false"),
            ("allow_community_extensions", "false"),
        ]
    }

    /// What comes before all other statements, and cannot be taken back by them.
    var limits: [TableQuery] {
        let reading: [TableQuery] = readsAhead ? [] : ["SET disable_parquet_prefetching = true"]
        guard case .only(let paths) = files else { return reading }
        let list = paths.map { "\(quoted: $0)" as TableQuery }.joined(separator: ", ")
        return reading + [
            "SET allowed_paths = [\(list)]", "SET enable_external_access = false", "SET lock_configuration = true",
        ]
    }
}
