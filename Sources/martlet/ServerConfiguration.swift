import Blobs
import Console
import Database
import Foundation
import Logging
import Runtimes
import Wire

/// What a server is started with: flags, then the environment, then configuration files, then defaults.
struct ServerConfiguration: Sendable {
    let host: String
    let port: Int
    /// An absolute path.
    let dataFolder: String
    let database: DatabaseLocation
    let artifacts: ArtifactPlace
    /// Whether clients may send large files to the bucket themselves.
    let allowsDirectTransfers: Bool
    let token: String?
    let python: String
    /// Whom the Python processes of models run as.
    let workerUser: WorkerUser
    let logLevel: Logger.Level
    /// Whether webhooks may be in private networks and be reached over plain http.
    let allowsPrivateWebhooks: Bool
    /// What the secrets of webhooks are encrypted with; nil when a file in the data folder says it.
    let webhookKey: String?
    /// Where the server was started; relative folders that users name begin here.
    let workingFolder: String
    /// What programs that the server starts inherit.
    let environment: [String: String]

    init(flags: ServerCommand, settings: Settings) throws {
        host = flags.host ?? settings.string("host") ?? "127.0.0.1"
        port = try flags.port ?? settings.integer("port") ?? 8080
        token = flags.token ?? settings.token
        let python = flags.python ?? settings.string("python") ?? "python3"
        // A worker does not start where the server did.
        self.python = python.contains("/") ? Self.absolute(python) : python
        workerUser = WorkerUser(settings.string("worker.user"))
        environment = settings.environment
        workingFolder = FileManager.default.currentDirectoryPath
        dataFolder = Self.absolute(flags.data ?? settings.string("data") ?? "martlet-data")
        database =
            try (flags.database ?? settings.string("database")).map(DatabaseLocation.init(url:))
            ?? .sqlite(path: "\(dataFolder)/martlet.db")
        artifacts = try Self.place(
            ofArtifacts: flags.artifacts ?? settings.string("artifacts") ?? "\(dataFolder)/artifacts",
            environment: settings.environment)
        allowsDirectTransfers = try flags.direct ?? settings.boolean("direct") ?? true
        allowsPrivateWebhooks = try flags.privateWebhooks || settings.boolean("private.webhooks") ?? false
        webhookKey = settings.string("webhook.key")
        let level = flags.logLevel ?? settings.string("log.level") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw ConsoleError(
                .invalidParameterValue, "There is no log level '\(level)'.",
                hint: "Use one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        self.logLevel = logLevel
        try check()
    }

    /// Where a server on `port` is reached.
    func url(port: Int) -> String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }

    private func check() throws {
        guard (0...65535).contains(port) else {
            throw ConsoleError(.invalidParameterValue, "\(port) is not a port.", hint: "Use 0 to 65535.")
        }
        guard token != "" else {
            throw ConsoleError(
                .invalidParameterValue, "The token is empty, and would let everyone in.",
                hint: "Pass --token SECRET (or set MARTLET_TOKEN), or leave it out on 127.0.0.1.")
        }
        guard token != nil || Self.isLoopback(host) else {
            throw ConsoleError(
                .permissionDenied,
                "Listening on \(host) would let everyone who reaches this machine in, because no token is set.",
                hint: "Pass --token SECRET (or set MARTLET_TOKEN), or listen on 127.0.0.1.")
        }
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func place(
        ofArtifacts url: String, environment: [String: String]
    ) throws -> ArtifactPlace {
        if url.hasPrefix("s3://") { return .bucket(try S3Location(url: url, environment: environment)) }
        if url.hasPrefix("file://") { return .folder(absolute(String(url.dropFirst("file://".count)))) }
        guard !url.contains("://") else {
            throw ConsoleError(
                .invalidParameterValue, "No artifact store here serves '\(url)'.",
                hint: "Use --artifacts FOLDER or s3://BUCKET/PREFIX, or leave it out for a folder in the data folder.")
        }
        return .folder(absolute(url))
    }

    private static func absolute(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }
}

/// Where the files of runs and models are kept.
enum ArtifactPlace: Sendable {
    /// An absolute path.
    case folder(String)
    case bucket(S3Location)
}
