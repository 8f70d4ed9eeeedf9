import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

/// Ways out of the artifact store, in every encoding, through every door of it.
@Suite(.timeLimit(.minutes(2))) struct PathTests {
    /// Each would lead to `secret.txt`, which lies beside the artifacts, if somebody decoded it once more, or less.
    private static let climbing = [
        "../secret.txt", "../../secret.txt", "a/../../secret.txt", "./../secret.txt", "a/./../../secret.txt",
        "%2e%2e/secret.txt", "%2E%2E%2Fsecret.txt", "..%2fsecret.txt", ".%2e/secret.txt", "%2e./secret.txt",
        "%252e%252e%252fsecret.txt", "%25252e%25252e%25252fsecret.txt", "..%252fsecret.txt", "..%5csecret.txt",
        "..%255csecret.txt", "a%5c..%5c..%5csecret.txt", "/etc/passwd", "%2fetc/passwd", "%252fetc%252fpasswd",
        "//etc/passwd", "%2f%2fetc%2fpasswd", "c:/secret.txt", "c%3a%5csecret.txt", "..%00/secret.txt",
        "a%00.txt", "..%0d%0a/secret.txt", "a/..", "..", "%2e%2e", "a%23b", ".partial/a", "%2epartial/a",
    ]
    /// Names like any other, however they look.
    private static let odd = [
        "%c0%ae%c0%ae/secret.txt", "..%c0%afsecret.txt", "%e0%80%ae%e0%80%ae/secret.txt",
        "%ef%bc%8e%ef%bc%8e/secret.txt",
        "..../secret.txt", "..;/secret.txt", "~/secret.txt", "%uff0e%uff0e/secret.txt", "file:///secret.txt", "a%fe",
        "...", "top_10%25features.csv",
    ]

    @Test(arguments: BlobPlace.allCases)
    func nothingOutsideTheStoreIsReached(place: BlobPlace) async throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", to: "secret.txt")
        var options = ["--artifacts", folder.path("artifacts")]
        var environment: [String: String] = [:]
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        if place == .bucket {
            options = ["--artifacts", "s3://\(bucket)/kept"]
            environment = s3.environment
        }
        try await HardenedServer.run(options, environment: environment) { server in
            for path in Self.climbing {
                for request in Self.requests(for: path, run: server.run) {
                    let answer = try await server.client.raw(request)
                    // A folder refuses links and parts whatever their path is.
                    let isRefused = ["400", "404", "501"].contains { answer.hasPrefix("HTTP/1.1 \($0) ") }
                    // A client names the file that it has; of that only the last component counts.
                    let isOwnName = request.contains("/mpu/create/0 ")
                    #expect(isRefused || isOwnName, "\(request.prefix(120)): \(answer)")
                    #expect(!answer.contains("root:") && !answer.hasSuffix("\r\n\r\nsecret"), "\(request.prefix(120))")
                }
            }
            for path in Self.odd {
                for request in Self.requests(for: path, run: server.run) {
                    let answer = try await server.client.raw(request)
                    #expect(
                        !answer.hasPrefix("HTTP/1.1 5") || answer.hasPrefix("HTTP/1.1 501"), "\(request): \(answer)")
                    #expect(!answer.hasSuffix("\r\n\r\nsecret"), "\(request)")
                }
            }
        }
        #expect(try String(contentsOfFile: folder.path("secret.txt"), encoding: .utf8) == "secret")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == (place == .folder ? ["artifacts", "secret.txt"] : ["secret.txt"]))
        for request in try await s3.requests(of: bucket) where request.contains("/\(bucket)/") {
            #expect(request.contains("/\(bucket)/kept/") || request.contains("prefix=kept"), "\(request)")
        }
    }

    /// The path at every door: in addresses, in queries and in bodies.
    private static func requests(for path: String, run: String) -> [String] {
        let artifacts = HardenedServer.artifacts
        let proxy = "/api/2.0/mlflow-artifacts"
        let gets = [
            "\(artifacts)/\(path)", "\(artifacts)/0/\(path)", "\(artifacts)?path=\(path)", "\(proxy)/presigned/\(path)",
            "/api/2.0/mlflow/artifacts/list?run_id=\(run)&path=\(path)", "/get-artifact?run_id=\(run)&path=\(path)",
            "/api/v1/artifacts/preview?run_id=\(run)&path=\(path)",
        ]
        let name = JSON.string(path).text
        let posts = [
            ("PUT", "\(artifacts)/\(path)", "x"), ("DELETE", "\(artifacts)/\(path)", ""),
            ("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=\(run)&path=\(path)", "x"),
            ("POST", "\(proxy)/mpu/create/\(path)", "{\"path\":\"a\",\"num_parts\":1}"),
            ("POST", "\(proxy)/mpu/create/0", "{\"path\":\(name),\"num_parts\":1}"),
            (
                "POST", "/api/2.0/mlflow/model-versions/create",
                "{\"name\":\"none\",\"source\":\"mlflow-artifacts:/0/\(run)/artifacts/\(path)\",\"run_id\":\"\(run)\"}"
            ),
        ]
        let end = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        return gets.map { "GET \($0) \(end)\r\n" }
            + posts.map { method, address, body in
                "\(method) \(address) \(end)Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body
            }
    }
}
