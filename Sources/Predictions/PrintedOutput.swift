import DequeModule
import Synchronization
package import Wire

/// What a model printed while it answered one request, or refused to.
package struct PrintedOutput: Sendable, Hashable {
    package let endpoint: String
    package let variant: String
    package let model: String
    package let version: Int
    /// The id that the request's answer carries as `X-Request-Id`, and an error's body as `request_id`.
    package let request: String
    /// Names its first row; nil when there was no answer, or none that is logged.
    package let prediction: PredictionID?
    package let time: Timestamp
    /// Oldest first.
    package let lines: [String]

    package init(
        endpoint: String, variant: String, model: String, version: Int, request: String, prediction: PredictionID?,
        time: Timestamp, lines: [String]
    ) {
        self.endpoint = endpoint
        self.variant = variant
        self.model = model
        self.version = version
        self.request = request
        self.prediction = prediction
        self.time = time
        self.lines = lines
    }

    /// What it takes in memory, about.
    fileprivate var sizeBytes: Int { lines.reduce(512) { $0 + $1.utf8.count + 32 } }
}

extension PrintedOutput: JSONRepresentable {
    package var json: JSON {
        .compact([
            "endpoint": .string(endpoint), "variant": .string(variant), "model": .string(model),
            "version": .integer(Int64(version)), "request_id": .string(request),
            "prediction_id": prediction.map { .string($0.text) }, "time": time.json, "lines": .strings(lines),
        ])
    }
}

/// What models printed last, in memory: the newest outputs of all endpoints, as many as fit.
package final class PrintedOutputs: Sendable {
    private struct Content {
        var outputs: Deque<PrintedOutput> = []
        var sizeBytes = 0
    }

    private let maximumBytes: Int
    private let content = Mutex(Content())

    package init(maximumBytes: Int = 16 << 20) {
        self.maximumBytes = maximumBytes
    }

    /// Keeps an output; those that were printed first give way.
    package func keep(_ output: PrintedOutput) {
        content.withLock { content in
            content.outputs.append(output)
            content.sizeBytes += output.sizeBytes
            while content.sizeBytes > maximumBytes, let oldest = content.outputs.popFirst() {
                content.sizeBytes -= oldest.sizeBytes
            }
        }
    }

    /// What was printed with the request of a prediction; empty when nothing was, or it is no longer known.
    package func lines(of prediction: PredictionID) -> [String] {
        let all = content.withLock { $0.outputs }
        return all.last { $0.prediction?.request == prediction.request }?.lines ?? []
    }

    /// What was printed for an endpoint, newest first.
    /// - Parameter request: only what this request printed.
    package func outputs(of endpoint: String, request: String? = nil, limit: Int) -> [PrintedOutput] {
        let all = content.withLock { $0.outputs }
        let found = all.reversed().lazy.filter {
            $0.endpoint == endpoint && (request == nil || $0.request == request)
        }
        return Array(found.prefix(limit))
    }
}
