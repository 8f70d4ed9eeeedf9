import NIOCore
package import Wire

/// Takes the lines of one request, some at a time, so that a request may be as long as its sender likes.
///
/// Each line is taken or refused by itself. What was taken stays, also when the connection breaks: sending all of it again
/// adds what is missing.
struct PredictionImport: Sendable {
    private let log: PredictionLog
    private let policies: [String: LogPolicy]
    /// The principal's name.
    private let caller: String
    /// What lines that name none are of.
    private let endpoint: String?
    private let clock: WallClock
    private let entropy: Entropy

    static let maximumLineBytes = 4 << 20
    /// Lines that go into the journal together.
    private static let batchBytes = 1 << 20
    private static let batchLines = 4096
    /// The clock of a client may be ahead of ours by so much.
    static let clockSkew = Duration.seconds(60)

    /// - Parameter policies: what is kept of the endpoints there are; everything of others.
    init(
        to log: PredictionLog, policies: [String: LogPolicy], caller: String, endpoint: String?, clock: WallClock,
        entropy: Entropy
    ) {
        self.log = log
        self.policies = policies
        self.caller = caller
        self.endpoint = endpoint
        self.clock = clock
        self.entropy = entropy
    }

    /// - Throws: what `bytes` throws; `PredictionError` when the log cannot take more. What was taken until then stays.
    func take(bytes: some AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> ImportReceipt {
        var receipt = ImportReceipt()
        var batch = ImportBatch(received: clock.now, caller: caller)
        var batchBytes = 0
        for try await line in StreamLines(base: bytes, maximumBytes: Self.maximumLineBytes) {
            do {
                batch.predictions.append(try read(line, at: batch.received))
            } catch let refused as RefusedLine {
                receipt.refuse(RefusedLine(refused.reason, line: line.number, column: refused.column))
            }
            batchBytes += line.text?.readableBytes ?? 0
            if batchBytes >= Self.batchBytes || batch.predictions.count >= Self.batchLines {
                receipt += try await log.take(batch, policies: policies)
                batch = ImportBatch(received: clock.now, caller: caller)
                batchBytes = 0
            }
        }
        receipt += try await log.take(batch, policies: policies)
        return receipt
    }

    private func read(_ line: StreamLine, at received: Timestamp) throws -> ImportBatch.Entry {
        guard let text = line.text else {
            throw RefusedLine("the line is longer than \(Self.maximumLineBytes >> 20) MiB")
        }
        let bytes = text.readableBytesView
        let sent = try SentPrediction(line: bytes, endpoint: endpoint)
        let limit = received + Self.clockSkew
        for (name, moment) in [("time", sent.time), ("label_time", sent.labelTime)] {
            if let moment, moment > limit {
                throw RefusedLine("'\(name)' lies in the future: \(moment.iso8601); here it is \(received.iso8601)")
            }
        }
        let number = sent.number(line: line.number, bytes: bytes, at: received, entropy: entropy)
        return ImportBatch.Entry(line: line.number, number: number, sent: sent)
    }
}

/// Predictions that go into the journal together.
struct ImportBatch: Sendable {
    struct Entry: Sendable {
        /// In the request, counted from 1.
        let line: Int
        let number: RequestNumber
        let sent: SentPrediction
    }

    let received: Timestamp
    /// The principal's name.
    let caller: String
    var predictions: [Entry] = []
}
