import Artifacts
import Blobs
import Database
import Events
import Foundation
import Jobs
import Logging
import Manifests
import ServiceLifecycle
import UnixSignals
import Web
import Wire

/// Puts the parts together: the one place that knows them all, the clock and the randomness.
struct Composition {
    private let configuration: ServerConfiguration
    private let logger = Logger(label: "martlet")
    private let clock = WallClock.system
    private let entropy = Entropy.system

    init(_ configuration: ServerConfiguration) {
        self.configuration = configuration
    }

    /// Opens the stores, brings the schema up to date, and serves until a signal ends it.
    func run() async throws {
        let folder = try DataFolder(path: configuration.dataFolder)
        let database = try Database.open(configuration.database)
        try await database.migrate(migrations)

        let events = EventLog(database: database, clock: clock)
        let jobs = JobQueue(database: database, clock: clock, entropy: entropy)
        try await jobs.releaseAbandoned()
        let manifests = ManifestStore(database: database, events: events, clock: clock, kinds: [])

        let artifacts = ArtifactStore(blobs: try BlobStore(folder: configuration.artifactFolder, entropy: entropy))

        var routes = Routes()
        ServerRoutes(version: Martlet.version).routes(into: &routes)
        AuditRoutes(log: events).routes(into: &routes)
        ArtifactRoutes(store: artifacts).routes(into: &routes)
        ManifestRoutes(store: manifests).routes(into: &routes)

        let server = WebServer(
            host: configuration.host, port: configuration.port, routes: routes, authoriser: authoriser, shell: shell,
            clock: clock, logger: logger, onListening: { [configuration] port in greet(configuration, port: port) })
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: JobWorker(queue: jobs, handlers: [], logger: logger)),
                    .init(service: server),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await services.run()
        try database.close()
        withExtendedLifetime(folder) {}
    }

    /// Every table of the house, in the order in which they build on each other.
    private var migrations: [Migration] {
        EventSchema.migrations + JobSchema.migrations + ManifestSchema.migrations
    }

    private var authoriser: Authoriser {
        configuration.token.map(Authoriser.token) ?? .local
    }

    private var shell: PageShell {
        PageShell(
            sections: [Link("Operations", "/"), Link("Experiments", "/experiments"), Link("Models", "/models")],
            version: Martlet.version)
    }
}

/// Says where the server is; scripts read the first line.
private func greet(_ configuration: ServerConfiguration, port: Int) {
    let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    let url = "http://\(host):\(port)"
    let lines = [
        "listening on \(url)",
        "data in \(configuration.dataFolder)",
        configuration.token == nil
            ? "open to everyone on this machine; --token SECRET closes it" : "a token is required",
        "point a script at it:  export MLFLOW_TRACKING_URI=\(url)",
    ]
    print(lines.joined(separator: "\n"))
    // Scripts that wait for the address read it through a pipe, which is written out only when flushed.
    fflush(nil)
}
