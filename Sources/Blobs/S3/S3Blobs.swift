import NIOCore
import NIOHTTP1
import Wire

/// Objects of a bucket. S3 has no folders: one is there as long as an object's name begins with it.
struct S3Blobs: BlobBackend {
    let client: S3Client
    private let copies: LocalCopies
    private let uploads = Turnstile(places: S3Upload.atOnce)

    init(client: S3Client, copies: LocalCopies) {
        self.client = client
        self.copies = copies
    }

    private var location: S3Location { client.location }

    func check() async throws {
        _ = try await client.page("list the bucket '\(location.bucket)'", prefix: location.prefix, limit: 1)
    }

    func put(_ key: BlobKey, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> Int {
        try await refuseClash(key)
        return try await S3Upload(client: client, key: key, turnstile: uploads).store(chunks)
    }

    func info(_ key: BlobKey) async throws -> BlobInfo? {
        if key.path.isEmpty { return .folder("") }
        if let object = try await object(key) { return object }
        return try await isFolder(key) ? .folder(key.name) : nil
    }

    func read(_ key: BlobKey) async throws -> BlobContent {
        guard !key.path.isEmpty else { throw BlobError.isFolder(key) }
        guard let info = try await object(key) else {
            throw try await isFolder(key) ? BlobError.isFolder(key) : BlobError.missing(key)
        }
        return content(key, info)
    }

    private func content(_ key: BlobKey, _ info: BlobInfo) -> BlobContent {
        BlobContent(info: info) { [client] in S3Chunks(client: client, key: key, revision: info.revision, range: $0) }
    }

    func list(_ key: BlobKey) async throws -> [BlobInfo] {
        let prefix = location.folder(key)
        var found: [BlobInfo] = []
        for try await page in client.pages("list '\(key.path)'", prefix: prefix, delimiter: "/") {
            found += entries(of: page, below: prefix)
        }
        return found.sorted { $0.name < $1.name }
    }

    func portion(of key: BlobKey, after: String?, limit: Int) async throws -> BlobPortion {
        let prefix = location.folder(key)
        // Everything in a folder comes after the folder's own name; the last character there is comes after all of it.
        let last = after.map { prefix + $0 + ($0.hasSuffix("/") ? "\u{10FFFF}" : "") }
        let page = try await client.page(
            "list '\(key.path)'", prefix: prefix, delimiter: "/", after: last, limit: min(limit, 1000))
        let found = entries(of: page, below: prefix).sorted { $0.place.utf8.lexicographicallyPrecedes($1.place.utf8) }
        return BlobPortion(found, isLast: page.next == nil)
    }

    private func entries(of page: S3Page, below prefix: String) -> [BlobInfo] {
        let objects = page.objects.compactMap { object -> BlobInfo? in
            let name = object.name.dropFirst(prefix.count)
            return name.isEmpty ? nil : object.info(named: String(name))
        }
        let folders = page.folders.compactMap { folder -> BlobInfo? in
            let name = folder.dropFirst(prefix.count).dropLast()
            return name.isEmpty ? nil : .folder(String(name))
        }
        return objects + folders
    }

    func delete(_ key: BlobKey) async throws {
        let name = location.object(key)
        try await client.send(S3Request(purpose: "delete '\(key.path)'", method: .DELETE, object: name))
        for try await page in client.pages("delete '\(key.path)'", prefix: name + "/") {
            try await client.delete(page.objects.map(\.name), purpose: "delete '\(key.path)'")
        }
    }

    func localFolder(_ key: BlobKey) async throws -> LocalFolder {
        let prefix = location.folder(key)
        var files: [LocalCopies.File] = []
        for try await page in client.pages("list '\(key.path)'", prefix: prefix) {
            for object in page.objects where !object.name.hasSuffix("/") {
                let path = String(object.name.dropFirst(prefix.count))
                guard let own = try? BlobKey(path), own.path == path else {
                    throw BlobError(
                        .invalidParameterValue, "'\(object.name)' in the bucket cannot be the name of a file here.")
                }
                let content = content(try key.appending(path), object.info(named: own.name))
                files.append(LocalCopies.File(path: path, content: content))
            }
        }
        return try await copies.folder(of: files, at: key)
    }

    func sparseFile(_ key: BlobKey) async throws -> SparseFile {
        try await copies.sparseFile(of: try await read(key))
    }

    /// Nil when there is no object of this name.
    private func object(_ key: BlobKey) async throws -> BlobInfo? {
        let request = S3Request(purpose: "look at '\(key.path)'", method: .HEAD, object: location.object(key))
        do {
            return try await client.send(request) { answer in
                let revision = answer.headers.first(name: "etag") ?? ""
                return BlobInfo(
                    name: key.name, isFolder: false,
                    sizeBytes: answer.headers.first(name: "content-length").flatMap { Int($0) } ?? 0,
                    modifiedAt: answer.headers.first(name: "last-modified").flatMap(Timestamp.init(httpDate:)),
                    revision: revision.filter { $0 != "\"" })
            }
        } catch let error as BlobError where error.code == .doesNotExist {
            return nil
        }
    }

    private func isFolder(_ key: BlobKey) async throws -> Bool {
        let page = try await client.page("list '\(key.path)'", prefix: location.folder(key), limit: 1)
        return !page.objects.isEmpty
    }

    /// A file and a folder cannot share a name, although S3 would let them: such a tree could not be copied to a disk.
    func refuseClash(_ key: BlobKey) async throws {
        let parts = key.path.split(separator: "/")
        try await withThrowingTaskGroup(of: Bool.self) { checks in
            checks.addTask { try await isFolder(key) }
            for count in 1..<max(parts.count, 1) {
                let parent = try BlobKey(parts.prefix(count).joined(separator: "/"))
                checks.addTask { try await object(parent) != nil }
            }
            for try await clashes in checks where clashes {
                throw BlobError(.invalidParameterValue, "A folder and a file cannot share the name '\(key.path)'.")
            }
        }
    }
}
