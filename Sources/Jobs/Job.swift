package import Wire

/// Work that the server owes: it survives restarts and is done by one worker at a time.
///
/// queued → running → done | failed; running → queued when the work is to be tried again or its worker died.
package struct Job: Sendable, Hashable {
    package enum State: String, Sendable {
        /// Waits for its time and for a free worker. Next: running.
        case queued
        /// A worker holds the lease. Next: done, failed, or queued for another attempt.
        case running
        case done
        case failed
    }

    package let id: String
    /// Which handler does it, such as `alert-command`.
    package let kind: String
    package let payload: JSON
    package let state: State
    /// How often a worker has started it.
    package let attempts: Int
    /// Not before this moment.
    package let dueAt: Timestamp
    package let createdAt: Timestamp
    package let endedAt: Timestamp?
    /// What the handler returned, once done.
    package let result: JSON?
    /// Why the last attempt failed.
    package let failure: String?
}

extension Job: JSONRepresentable {
    package var json: JSON {
        .compact([
            "job_id": .string(id), "kind": .string(kind), "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)), "created": createdAt.json, "ended": endedAt?.json, "result": result,
            "failure": failure.map(JSON.string),
        ])
    }
}

/// Says that a job is not to be tried again: it would fail the same, or must not be done twice.
package struct FinalFailure: Error {
    package let cause: any Error

    package init(_ cause: any Error) {
        self.cause = cause
    }
}

/// Says that it is not time for a job yet, as when another that it must not meet is under way. The attempt does not count.
package struct PostponedJob: Error {
    package let delay: Duration

    package init(for delay: Duration) {
        self.delay = delay
    }
}

/// How one kind of job is done.
package struct JobHandler: Sendable {
    package let kind: String
    /// After so many failed attempts the job has failed for good; after a `FinalFailure` at once.
    package let maximumAttempts: Int
    /// Returns the result to keep. It is cancelled when the server shuts down and is then tried again after the start.
    package let run: @Sendable (Job) async throws -> JSON

    package init(kind: String, maximumAttempts: Int, run: @escaping @Sendable (Job) async throws -> JSON) {
        self.kind = kind
        self.maximumAttempts = maximumAttempts
        self.run = run
    }
}
