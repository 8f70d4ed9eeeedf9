import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import Wire

/// An S3 service in a process of its own, one for all tests; each test has its own buckets.
package struct S3Server: Sendable {
    /// Such as `http://127.0.0.1:40123`.
    package let url: String

    private static let started = Task { try await start() }

    package static func get() async throws -> S3Server {
        try await started.value
    }

    /// Makes a bucket.
    /// - Returns: its name.
    package func bucket() async throws -> String {
        let name = "test-\(UUID().uuidString.lowercased())"
        _ = try await send(.PUT, "/\(name)")
        return name
    }

    /// The variables by which a program finds the service.
    package var environment: [String: String] {
        ["AWS_ENDPOINT_URL_S3": url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret"]
    }

    /// Makes the next requests to a bucket that match fail; `s3_server.py` says how an order looks.
    package func order(_ fault: JSON) async throws {
        _ = try await send(.POST, "/-/faults", body: fault.text)
    }

    /// What was answered of a bucket, oldest first, such as `200 PUT /bucket/a?uploadId=1`.
    package func requests(of bucket: String) async throws -> [String] {
        try await send(.GET, "/-/requests?bucket=\(bucket)").arrayValue?.compactMap(\.stringValue) ?? []
    }

    private func send(_ method: HTTPMethod, _ path: String, body: String? = nil) async throws -> JSON {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let answer = try await response.body.collect(upTo: 1 << 24)
        guard response.status.code == 200 else { throw NotThere(words: String(buffer: answer)) }
        return (try? JSON.parse(answer.readableBytesView)) ?? .null
    }

    /// Starts the service, which ends with this process. Without moto in .venv it does not; tools/setup installs that.
    private static func start() async throws -> S3Server {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "s3_server.py")
        let (_, port) = try await TetheredProgram.start(
            BuiltProgram.python, [script.path(percentEncoded: false)],
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"], ready: { Int($0) })
        return S3Server(url: "http://127.0.0.1:\(port)")
    }

    package struct NotThere: Error {
        package let words: String
    }
}
