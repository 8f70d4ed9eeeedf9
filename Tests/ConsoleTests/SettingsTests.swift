import TestSupport
import Testing
import Wire

@testable import Console

@Suite struct SettingsTests {
    @Test func theEnvironmentWinsOverTheProjectAndTheProjectOverTheUser() async throws {
        let folder = try TemporaryFolder()
        try folder.write("port: 1111\nhost: project\n", to: "project/martlet.yaml")
        try folder.write("port: 2222\nhost: user\ntoken: secret\n", to: "home/martlet/config.yaml")
        try folder.write("", to: "project/deep/er/file")
        let settings = try await Settings.load(
            environment: ["MARTLET_PORT": "3333", "XDG_CONFIG_HOME": folder.path("home")],
            folder: folder.path("project/deep/er"))
        #expect(try settings.integer("port") == 3333)
        #expect(settings.string("host") == "project")
        #expect(settings.token == "secret")
    }

    @Test func aSettingOfTheWrongTypeIsNamed() async throws {
        let folder = try TemporaryFolder()
        let settings = try await Settings.load(environment: ["MARTLET_PORT": "many"], folder: folder.path)
        let error = #expect(throws: ConsoleError.self) { try settings.integer("port") }
        #expect(error?.message == "The setting 'port' is 'many', which is not a whole number.")
    }

    @Test(arguments: [("true", true), ("false", false)])
    func aSettingIsTrueOrFalse(text: String, value: Bool) async throws {
        let folder = try TemporaryFolder()
        let set = try await Settings.load(environment: ["MARTLET_DIRECT": text], folder: folder.path)
        #expect(try set.boolean("direct") == value)
        try folder.write("direct: \(text)\n", to: "martlet.yaml")
        let written = try await Settings.load(environment: [:], folder: folder.path)
        #expect(try written.boolean("direct") == value)
        let wrong = try await Settings.load(environment: ["MARTLET_DIRECT": "perhaps"], folder: folder.path)
        let error = #expect(throws: ConsoleError.self) { try wrong.boolean("direct") }
        #expect(error?.message == "The setting 'direct' is 'perhaps', which is neither true nor false.")
    }

    @Test func aBrokenFileIsNamed() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("port: [1\n", to: "martlet.yaml")
        let error = await #expect(throws: ConsoleError.self) {
            try await Settings.load(environment: [:], folder: folder.path)
        }
        #expect(error?.message.contains(path) == true)
    }

    @Test func mlflowsVariablesCountForClients() async throws {
        let folder = try TemporaryFolder()
        let environment = ["MLFLOW_TRACKING_URI": "http://there:1", "MLFLOW_TRACKING_TOKEN": "t"]
        let settings = try await Settings.load(environment: environment, folder: folder.path)
        #expect(settings.serverURL == "http://there:1")
        #expect(settings.clientToken == "t")
        let local = try await Settings.load(environment: ["MLFLOW_TRACKING_URI": "sqlite:///x"], folder: folder.path)
        #expect(local.serverURL == "http://127.0.0.1:8080")
    }
}
