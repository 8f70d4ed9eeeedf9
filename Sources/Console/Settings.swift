import Configuration
import Foundation
import SystemPackage
import Wire

/// Settings by precedence: a command's flags, then `MARTLET_*` in the environment, then the nearest `martlet.yaml` of
/// this folder or a parent, then the user's `martlet/config.yaml`, then `/etc/martlet/config.yaml`.
///
/// Flags are given by the caller, because only it knows them; this type looks up the rest. It is the one place that
/// reads the environment.
package struct Settings: Sendable {
    private let reader: ConfigReader
    package let environment: [String: String]

    /// - Throws: `ConsoleError` when a configuration file is not readable YAML.
    package static func load(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: String = FileManager.default.currentDirectoryPath
    ) async throws -> Settings {
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "martlet")
        ]
        for path in files(environment: environment, folder: folder)
        where FileManager.default.fileExists(atPath: path) {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
            } catch {
                throw ConsoleError(
                    .invalidParameterValue, "The configuration file \(path) cannot be read: \(error).",
                    hint: "Each line is 'key: value', for example 'port: 8080'.")
            }
        }
        return Settings(reader: ConfigReader(providers: providers), environment: environment)
    }

    private static func files(environment: [String: String], folder: String) -> [String] {
        var parents: [String] = []
        var folder = FilePath(folder)
        repeat { parents.append(folder.appending("martlet.yaml").string) } while folder.removeLastComponent()
        let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { "\($0)/.config" }
        let project = parents.first { FileManager.default.fileExists(atPath: $0) }
        return [project, home.map { "\($0)/martlet/config.yaml" }, "/etc/martlet/config.yaml"].compactMap { $0 }
    }

    package func string(_ key: String) -> String? {
        let value = reader.string(forKey: ConfigKey(stringLiteral: key))
        return value?.isEmpty == true ? nil : value
    }

    /// - Throws: `ConsoleError` when the setting is there but is not a whole number.
    package func integer(_ key: String) throws -> Int? {
        let key = ConfigKey(stringLiteral: key)
        if let value = reader.int(forKey: key) { return value }
        guard let text = reader.string(forKey: key), !text.isEmpty else { return nil }
        throw ConsoleError(.invalidParameterValue, "The setting '\(key)' is '\(text)', which is not a whole number.")
    }

    /// - Throws: `ConsoleError` when the setting is there but is neither true nor false.
    package func boolean(_ key: String) throws -> Bool? {
        let key = ConfigKey(stringLiteral: key)
        if let value = reader.bool(forKey: key) { return value }
        guard let text = reader.string(forKey: key), !text.isEmpty else { return nil }
        throw ConsoleError(
            .invalidParameterValue, "The setting '\(key)' is '\(text)', which is neither true nor false.")
    }

    /// Where the server is that the verbs talk to. `MLFLOW_TRACKING_URI` counts too, when it names a server.
    package var serverURL: String {
        if let url = string("url") { return url }
        if let uri = environment["MLFLOW_TRACKING_URI"], uri.hasPrefix("http") { return uri }
        return "http://127.0.0.1:8080"
    }

    /// The token that the verbs send, and that a server asks for.
    package var token: String? {
        string("token")
    }

    /// The token of a client: MLflow's variable counts too.
    package var clientToken: String? {
        token ?? environment["MLFLOW_TRACKING_TOKEN"]
    }

    /// A client of another MLflow server: with a token, or with the login in its address or in MLflow's variables.
    package func client(of url: String, token: String?) throws -> APIClient {
        var components = URLComponents(string: url)
        if let user = components?.user {
            let login = "\(user):\(components?.password ?? "")"
            components?.user = nil
            components?.password = nil
            return APIClient(url: components?.string ?? url, user: login)
        }
        if token == nil, let user = environment["MLFLOW_TRACKING_USERNAME"],
            let password = environment["MLFLOW_TRACKING_PASSWORD"]
        {
            return APIClient(url: url, user: "\(user):\(password)")
        }
        return APIClient(url: url, token: token)
    }
}
