import NIOCore
import NIOHTTP1
import Wire

/// Stores one object of unknown length: in one request when it is small, in parts when it is not.
///
/// One part is sent while the next one fills, so two parts are all that is in memory of it, and `turnstile` bounds how
/// many uploads hold that much at once.
struct S3Upload: Sendable {
    let client: S3Client
    let key: BlobKey
    let turnstile: Turnstile

    /// S3 takes 10,000 parts, so that an object may have 78 GiB. All parts but the last have this size; some stores want
    /// that.
    static let partBytes = 8 << 20
    static let maximumParts = 10_000
    /// How many uploads of more than `freeBytes` are under way at once; the others wait, and their senders with them.
    static let atOnce = 16
    /// What any upload may hold without having been let in.
    static let freeBytes = 1 << 20

    /// - Returns: the size of the object in bytes.
    /// - Throws: `BlobError`, or whatever the chunks throw. Nothing of the object is left then.
    func store(_ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> Int {
        var isLetIn = false
        defer { if isLetIn { turnstile.leave() } }
        var upload: String?
        do {
            return try await withThrowingTaskGroup(of: UploadedPart.self) { sending in
                var cutter = PartCutter(partBytes: Self.partBytes)
                var sent: [UploadedPart] = []
                var count = 0
                do {
                    for try await chunk in chunks {
                        if !isLetIn, cutter.heldBytes > Self.freeBytes {
                            try await turnstile.enter()
                            isLetIn = true
                        }
                        for part in cutter.cut(chunk) {
                            let id = try await known(&upload)
                            if let done = try await sending.next() { sent.append(done) }
                            count += 1
                            try send(part, as: count, of: id, in: &sending)
                        }
                    }
                } catch {
                    // A part that is under way could arrive after the upload was aborted, and stay.
                    while await sending.nextResult() != nil {}
                    throw error
                }
                guard let id = upload else { return try await store(whole: cutter.held) }
                if cutter.heldBytes > 0 { try send(cutter.held, as: count + 1, of: id, in: &sending) }
                for try await done in sending { sent.append(done) }
                try await client.completeUpload(id, of: key, sent)
                return count * Self.partBytes + cutter.heldBytes
            }
        } catch {
            // Not in this task, which may be cancelled: the parts would stay and cost their room.
            if let upload { await Task { try? await client.abortUpload(upload, of: key) }.value }
            throw error
        }
    }

    private func store(whole body: ByteBuffer) async throws -> Int {
        try await client.send(
            S3Request(
                purpose: "store '\(key.path)'", method: .PUT, object: client.location.object(key), body: body))
        return body.readableBytes
    }

    /// The id of the upload, which begins now if it has not begun.
    private func known(_ upload: inout String?) async throws -> String {
        if let upload { return upload }
        let id = try await client.beginUpload(of: key)
        upload = id
        return id
    }

    private func send(
        _ part: ByteBuffer, as number: Int, of upload: String,
        in sending: inout ThrowingTaskGroup<UploadedPart, any Error>
    ) throws {
        guard number <= Self.maximumParts else {
            let gigabytes = Self.maximumParts * Self.partBytes >> 30
            throw BlobError(
                .tooLarge, "'\(key.path)' has more than the \(gigabytes) GiB that pass through this server.",
                hint: "Let the client upload it in parts by itself: MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true.")
        }
        sending.addTask { try await client.sendPart(part, as: number, of: upload, of: key) }
    }
}

/// Cuts a stream into parts of one size.
struct PartCutter {
    let partBytes: Int
    /// What is not a whole part yet.
    private(set) var held = ByteBuffer()

    init(partBytes: Int) {
        self.partBytes = partBytes
    }

    var heldBytes: Int { held.readableBytes }

    /// Adds a chunk.
    /// - Returns: the parts that it completes.
    mutating func cut(_ chunk: ByteBuffer) -> [ByteBuffer] {
        var chunk = chunk
        var parts: [ByteBuffer] = []
        while let piece = chunk.readSlice(length: min(chunk.readableBytes, partBytes - heldBytes)),
            piece.readableBytes > 0
        {
            // Grown in one step once it is no small object, or doubling would take twice the room.
            if heldBytes + piece.readableBytes > S3Upload.freeBytes { held.reserveCapacity(partBytes) }
            held.writeImmutableBuffer(piece)
            guard heldBytes == partBytes else { break }
            parts.append(held)
            held = ByteBuffer()
        }
        return parts
    }
}
