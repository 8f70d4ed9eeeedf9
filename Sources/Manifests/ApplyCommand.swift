package import ArgumentParser
import Console
import Foundation
import Wire

/// `martlet apply`
package struct ApplyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Apply manifests: declare endpoints, monitors and what else there is.",
        discussion: """
            All documents are checked before any is applied. Applying twice changes nothing.

            Examples:
              martlet apply -f endpoint.yaml
              cat *.yaml | martlet apply -f -
            """)

    @Option(
        name: [.customShort("f"), .customLong("file")], parsing: .singleValue,
        help: "A YAML file, a folder of them, or - for standard input. May be given several times.")
    var files: [String]

    @OptionGroup var server: ServerOptions

    package init() {}

    package func run() async throws {
        try await server.run { client in
            var results: [JSON] = []
            for text in try texts() {
                let answer = try await client.post("/api/v1/apply", body: Array(text.utf8), type: "application/yaml")
                results += answer["results"]?.arrayValue ?? []
            }
            let lines = results.map { "\($0["kind"].cell) \($0["name"].cell) \($0["change"].cell)" }
            return Output(["results": .array(results)], lines: lines)
        }
    }

    /// The files of a folder are sent as one text, so that they are applied together or not at all.
    private func texts() throws -> [String] {
        try files.map { path in
            if path == "-" {
                return String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw ConsoleError(.doesNotExist, "There is no file '\(path)'.")
            }
            guard isFolder.boolValue else { return try text(of: path) }
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            let manifests = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            guard !manifests.isEmpty else {
                throw ConsoleError(.doesNotExist, "There is no .yaml file in '\(path)'.")
            }
            return try manifests.map { try text(of: "\(path)/\($0)") }.joined(separator: "\n---\n")
        }
    }

    private func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else {
            throw ConsoleError(.invalidParameterValue, "'\(path)' cannot be read as UTF-8 text.")
        }
        return text
    }
}
