import ArgumentParser

/// `martlet version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @Flag(help: "Print JSON, which is stable for scripts.")
    var json = false

    func run() {
        print(json ? "{\"version\": \"\(Martlet.version)\"}" : "martlet \(Martlet.version)")
    }
}
