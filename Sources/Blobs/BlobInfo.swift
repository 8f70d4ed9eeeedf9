package import Wire

/// What a store knows of an object or a folder.
package struct BlobInfo: Sendable, Hashable {
    /// The last component of its key.
    package let name: String
    package let isFolder: Bool
    /// 0 for a folder.
    package let sizeBytes: Int
    /// When it was last written; nil for a folder of a bucket, which exists only through what is in it.
    package let modifiedAt: Timestamp?
    /// Changes whenever the content does; opaque, without quotes. Empty for a folder.
    package let revision: String

    static func folder(_ name: String, modifiedAt: Timestamp? = nil) -> BlobInfo {
        BlobInfo(name: name, isFolder: true, sizeBytes: 0, modifiedAt: modifiedAt, revision: "")
    }
}

/// What went wrong in object storage.
package struct BlobError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?
    package let retryAfterSeconds: Int?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfterSeconds = retryAfterSeconds
    }

    static func missing(_ key: BlobKey) -> BlobError {
        BlobError(.doesNotExist, "No such artifact: '\(key.path)'")
    }

    static func isFolder(_ key: BlobKey) -> BlobError {
        BlobError(.invalidParameterValue, "'\(key.path)' is a folder, not a file.")
    }
}
