import ArgumentParser
import Console
import Foundation
import Logging
import Wire

#if canImport(Glibc)
    import CMalloc
#endif

/// `martlet server`
struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Start the server.",
        discussion: """
            Every option may also come from the environment (MARTLET_PORT for --port) or from martlet.yaml ('port: 8080').

            Examples:
              martlet server
              martlet server --port 0 --data /srv/martlet
              martlet server --artifacts s3://models/team
            """)

    @Option(help: "The address to listen on (default 127.0.0.1). Any but a loopback address needs a token.")
    var host: String?

    @Option(help: "The port (default 8080); 0 picks a free one and prints it.")
    var port: Int?

    @Option(help: ArgumentHelp("The folder for everything that is kept (default martlet-data).", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Where metadata lives: a SQLite file, or postgres://user@host/name (default a SQLite file in the data "
                + "folder).",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "Where artifacts live: a folder, or s3://bucket/prefix with the AWS_* variables (default a folder in the "
                + "data folder).",
            valueName: "url"))
    var artifacts: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether clients may send large files to the bucket themselves (default yes).")
    var direct: Bool?

    @Option(help: "What every request must bring, as bearer token or basic password.")
    var token: String?

    @Option(help: ArgumentHelp("The Python that runs models (default python3).", valueName: "path"))
    var python: String?

    @Option(help: ArgumentHelp("How much to log: debug, info, warning or error (default info).", valueName: "level"))
    var logLevel: String?

    @Flag(help: "Let webhooks be in private networks, and be reached over plain http.")
    var privateWebhooks = false

    func run() async throws {
        #if canImport(Glibc)
            // An arena for every thread leaves holes in all of them: memory that is free and yet not given back.
            mallopt(M_ARENA_MAX, 2)
            // Large buffers are given back when they are freed, rather than kept for the next large answer; small ones
            // stay, for asking the system for memory takes longer than a request.
            mallopt(M_MMAP_THRESHOLD, 1 << 20)
            mallopt(M_TRIM_THRESHOLD, 32 << 20)
        #endif
        let configuration = try ServerConfiguration(flags: self, settings: try await Settings.load())
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = configuration.logLevel
            return handler
        }
        try await Composition(configuration).run()
    }
}
