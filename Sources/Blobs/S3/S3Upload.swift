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

    /// How far an upload has come.
    private struct Progress {
        var cutter = PartCutter(partBytes: S3Upload.partBytes)
        /// Nil as long as all of it fits into one request.
        var upload: String?
        /// How many parts have been handed over to be sent.
        var count = 0
        var sent: [UploadedPart] = []
        var isLetIn = false
    }

    /// - Returns: the size of the object in bytes.
    /// - Throws: `BlobError`, or whatever the chunks throw. Nothing of the object is left then.
    func store(_ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> Int {
        var progress = Progress()
        defer { if progress.isLetIn { turnstile.leave() } }
        do {
            return try await withThrowingTaskGroup(of: UploadedPart.self) { sending in
                do {
                    for try await chunk in chunks { try await add(chunk, to: &progress, in: &sending) }
                } catch {
                    // A part that is under way could arrive after the upload was aborted, and stay.
                    while await sending.nextResult() != nil {}
                    throw error
                }
                return try await finish(&progress, in: &sending)
            }
        } catch {
            // Not in this task, which may be cancelled: the parts would stay and cost their room.
            if let upload = progress.upload { await Task { try? await client.abortUpload(upload, of: key) }.value }
            throw error
        }
    }

    private func add(
        _ chunk: ByteBuffer, to progress: inout Progress, in sending: inout ThrowingTaskGroup<UploadedPart, any Error>
    ) async throws {
        if !progress.isLetIn, progress.cutter.heldBytes > Self.freeBytes {
            try await turnstile.enter()
            progress.isLetIn = true
        }
        for part in progress.cutter.cut(chunk) {
            if progress.upload == nil { progress.upload = try await client.beginUpload(of: key) }
            // One at a time: the next one fills meanwhile.
            if let done = try await sending.next() { progress.sent.append(done) }
            try send(part, &progress, in: &sending)
        }
    }

    private func finish(
        _ progress: inout Progress, in sending: inout ThrowingTaskGroup<UploadedPart, any Error>
    ) async throws -> Int {
        let rest = progress.cutter.held
        let sizeBytes = progress.count * Self.partBytes + rest.readableBytes
        guard let upload = progress.upload else {
            try await store(whole: rest)
            return sizeBytes
        }
        if rest.readableBytes > 0 { try send(rest, &progress, in: &sending) }
        for try await done in sending { progress.sent.append(done) }
        try await client.completeUpload(upload, of: key, progress.sent)
        return sizeBytes
    }

    private func store(whole body: ByteBuffer) async throws {
        try await client.send(
            S3Request(
                purpose: "store '\(key.path)'", method: .PUT, object: client.location.object(key), body: body))
    }

    private func send(
        _ part: ByteBuffer, _ progress: inout Progress, in sending: inout ThrowingTaskGroup<UploadedPart, any Error>
    ) throws {
        guard let upload = progress.upload, progress.count < Self.maximumParts else {
            let gigabytes = Self.maximumParts * Self.partBytes >> 30
            throw BlobError(
                .tooLarge, "'\(key.path)' has more than the \(gigabytes) GiB that pass through this server.",
                hint: "Let the client upload it in parts by itself: MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true.")
        }
        progress.count += 1
        let number = progress.count
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
