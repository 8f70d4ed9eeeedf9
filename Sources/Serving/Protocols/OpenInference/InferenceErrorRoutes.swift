import HTTPTypes
import Web
import Wire

extension Reply {
    /// What `body` answers, or its problem in the form of the Open Inference Protocol and of KServe: `{"error": …}`.
    static func orError(_ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let problem as any Problem where problem.code.isForClients {
            let status = HTTPResponse.Status(code: problem.code.status)
            let reply = Reply.json(["error": .string("\(problem)")], status: status)
            return problem.retryAfterSeconds.map { reply.adding(.retryAfter, String($0)) } ?? reply
        }
    }
}

extension ProblemCode {
    /// Whether the message is meant for those who ask; other problems are logged, and told as everywhere.
    fileprivate var isForClients: Bool {
        status < 500 || self == .unavailable || self == .deadlineExceeded
    }
}
