import Blobs
package import Web
import Wire

/// Ways past this server for large files, as MLflow's client takes them where the store is a bucket: it uploads parts to
/// signed links, and downloads ranges of a signed link.
package struct DirectTransferRoutes: Sendable {
    private let links: BlobLinks?
    private let store: ArtifactStore

    /// How long a part may take, and how long a download may begin later: what MLflow's own server allows.
    private static let partSeconds = 3600
    private static let downloadSeconds = 300

    package init(store: ArtifactStore) {
        self.store = store
        links = store.links
    }

    package func routes(into routes: inout Routes) {
        for prefix in ArtifactRoutes.prefixes {
            routes.post("\(prefix)/mpu/create/**", .write("artifacts"), create)
            routes.post("\(prefix)/mpu/complete/**", .write("artifacts"), complete)
            routes.post("\(prefix)/mpu/abort/**", .write("artifacts"), abort)
            routes.get("\(prefix)/presigned/**", .read("artifacts"), download)
        }
    }

    private func create(_ call: Call) async throws -> Reply {
        let links = try uploads()
        let fields = try await call.fields()
        let key = try key(of: call, "create", fields)
        let count = try fields.optionalInteger("num_parts") ?? 1
        guard (1...Int64(BlobLinks.maximumParts)).contains(count) else {
            throw ArtifactError(
                .invalidParameterValue, "'num_parts' is \(count), and may be 1 to \(BlobLinks.maximumParts).",
                hint: "Make the parts larger: MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE.")
        }
        let upload = try await links.beginUpload(key)
        let credentials = (1...Int(count)).map { number -> JSON in
            let url = links.part(number, of: upload, key, lasting: Self.partSeconds)
            return ["url": .string(url), "part_number": .integer(Int64(number)), "headers": [:]]
        }
        return .json(["upload_id": .string(upload), "credentials": .array(credentials)])
    }

    private func complete(_ call: Call) async throws -> Reply {
        let links = try uploads()
        let fields = try await call.fields()
        let parts = try fields.objects("parts").map { part in
            UploadedPart(number: Int(clamping: try part.integer("part_number")), tag: try part.string("etag"))
        }
        guard !parts.isEmpty else { throw FieldProblem.missing("parts") }
        try await links.completeUpload(
            try fields.string("upload_id"), try key(of: call, "complete", fields), parts)
        return .empty
    }

    private func abort(_ call: Call) async throws -> Reply {
        let links = try uploads()
        let fields = try await call.fields()
        try await links.abortUpload(try fields.string("upload_id"), try key(of: call, "abort", fields))
        return .empty
    }

    private func download(_ call: Call) async throws -> Reply {
        guard let links else {
            throw ArtifactError(
                .notImplemented, "Multipart download is not supported for the current artifact repository")
        }
        let key = try ArtifactRoutes.key(of: call, after: "/mlflow-artifacts/presigned/")
        let info = try await store.blobs.read(key).info
        return .json([
            "url": .string(links.download(key, lasting: Self.downloadSeconds)), "headers": [:],
            "file_size": .integer(Int64(info.sizeBytes)),
        ])
    }

    /// - Throws: `ArtifactError` in the words by which the client knows that it must upload in one piece.
    private func uploads() throws -> BlobLinks {
        if let links { return links }
        throw ArtifactError(
            .notImplemented, "Multipart upload is not supported for the current artifact repository")
    }

    /// The folder that the address names, and in it the file that the body names. The client sends the path on its own
    /// machine, of which only the name counts.
    private func key(of call: Call, _ step: String, _ fields: Fields) throws -> BlobKey {
        let folder = try ArtifactRoutes.key(of: call, after: "/mlflow-artifacts/mpu/\(step)/")
        let path = try fields.string("path").split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        guard let name = path.last, !name.isEmpty else { throw FieldProblem.missing("path") }
        return try folder.appending(String(name))
    }
}
