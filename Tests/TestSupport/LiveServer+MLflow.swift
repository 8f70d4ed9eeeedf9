package import NIOHTTP1
package import Wire

// MLflow's REST API as its client calls it.

extension LiveServer {
    /// Calls `/api/2.0/mlflow/<path>` with a body, as the client does for everything but GET.
    package func mlflow(_ method: HTTPMethod, _ path: String, _ body: JSON) async throws -> Answer {
        try await send(method, "/api/2.0/mlflow/\(path)", body: body.text, type: "application/json")
    }

    /// What a GET of `/api/2.0/mlflow/<path>` answers.
    package func mlflow(get path: String) async throws -> Answer {
        try await get("/api/2.0/mlflow/\(path)")
    }

    /// What a POST that must succeed answers.
    /// - Throws: `Refused` with what the server said instead.
    @discardableResult
    package func mlflow(_ path: String, _ body: JSON) async throws -> JSON {
        let answer = try await mlflow(.POST, path, body)
        guard answer.status == 200 else { throw Refused(text: "\(path): \(answer.text)") }
        return try answer.json
    }

    package struct Refused: Error {
        package let text: String
    }
}

extension LiveServer.Answer {
    /// The status and MLflow's name of what is wrong, such as `404 RESOURCE_DOES_NOT_EXIST`; `200` for a success.
    package var verdict: String {
        guard let code = try? json["error_code"]?.stringValue else { return "\(status)" }
        return "\(status) \(code)"
    }

    /// What a refusal says; empty for a success.
    package var message: String {
        (try? json["message"]?.stringValue) ?? ""
    }
}

extension JSON {
    /// The object with one more member; one that it has already stays as it is.
    package func with(_ key: String, _ value: JSON) -> JSON {
        self[key] == nil ? .members((memberList ?? []).map { ($0.key, $0.value) } + [(key, value)]) : self
    }
}
