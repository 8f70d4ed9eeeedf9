import Foundation
import SystemPackage
import Wire

/// Debian's `chromedriver` in a process of its own, on a free port, with the browsers that it starts. All of them end when
/// `end()` is called, and with this process otherwise.
package struct ChromeDriver: Sendable {
    let server: LiveServer
    private let program: TetheredProgram
    /// Where its browsers keep what they write.
    package let folder: String

    package static func start() async throws -> ChromeDriver {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "chromedriver.sh")
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-browser-\(UUID().uuidString)")
            .path(percentEncoded: false)
        let (program, port) = try await TetheredProgram.start(
            "/bin/bash", [script.path(percentEncoded: false), folder],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8"]
        ) { line in
            line.firstMatch(of: /started successfully on port (\d+)/).flatMap { Int($0.1) }
        }
        try program.tell("\(port)")
        return ChromeDriver(server: LiveServer(port: port), program: program, folder: folder)
    }

    /// Starts a browser with a profile of its own.
    package func browser() async throws -> Browser {
        let arguments = [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en",
            "--user-data-dir=\(folder)/\(UUID().uuidString)",
        ]
        let made = try await WebDriver(server: server, path: "/session").post(
            "",
            [
                "capabilities": [
                    "alwaysMatch": [
                        "browserName": "chrome", "goog:chromeOptions": ["args": .strings(arguments)],
                        "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
                    ]
                ]
            ])
        guard let id = made["sessionId"]?.stringValue else {
            throw WebDriverError(error: "no session", message: made.text)
        }
        return Browser(driver: WebDriver(server: server, path: "/session/\(id)"))
    }

    /// Ends its browsers and itself.
    package func end() async {
        await program.end()
    }
}
