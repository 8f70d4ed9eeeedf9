import Crypto
import Wire

/// A prediction that was made elsewhere, as it is sent here: what it was about, what came out, and when.
struct SentPrediction: Sendable, Hashable {
    /// What its maker calls it. Sent again on the same day, it is the same prediction.
    var externalID: String?
    /// The name that monitors know it by; no endpoint of this server need have it.
    var endpoint = ""
    /// That of the endpoint when left out.
    var model: String?
    /// 0 when left out.
    var version = 0
    var variant = "main"
    /// When it was made; nil for the moment at which it comes.
    var time: Timestamp?
    /// Values by column name; null when they were not sent.
    var inputs = JSONText.null
    var output = JSONText.null
    var label: JSON?
    /// When the label became known; nil for the moment at which it comes.
    var labelTime: Timestamp?
    var latencyUs = Prediction.unknownLatency
    /// Nil: whoever sends it.
    var caller: String?
    /// Who or what it was about.
    var unit: String?

    /// The number of its id: its moment, and 80 bits of a hash. The hash is of its name when it has one. Otherwise it is of
    /// the line and where the line stood, so that a request that is repeated adds nothing and lines that are alike are several
    /// predictions. What has neither name nor time is another one each time it is sent.
    func number(line: Int, bytes: some Collection<UInt8>, at received: Timestamp, entropy: Entropy) -> RequestNumber {
        guard externalID != nil || time != nil else {
            return PredictionSequence.draw(at: received, entropy: entropy)
        }
        var hash = SHA256()
        hash.update(data: Array(endpoint.utf8) + [0])
        if let externalID {
            hash.update(data: Array(externalID.utf8))
        } else {
            hash.update(data: Array("\(line)".utf8) + [0])
            hash.update(data: Array(bytes))
        }
        let digest = Array(hash.finalize().prefix(10))
        let moment = UInt64(bitPattern: (time ?? received).milliseconds) << 16
        return RequestNumber(
            high: digest[..<2].reduce(0) { $0 << 8 | UInt64($1) } | moment,
            low: digest[2...].reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// Why a line of an import was not taken.
struct RefusedLine: Error, Sendable, Hashable, JSONRepresentable {
    /// Counted from 1; 0 until it is known.
    var line = 0
    /// Counted from 1, in characters; nil when the line as a whole is meant.
    var column: Int?
    let reason: String

    init(_ reason: String, line: Int = 0, column: Int? = nil) {
        self.reason = reason
        self.line = line
        self.column = column
    }

    var json: JSON {
        .compact([
            "line": .integer(Int64(line)), "column": column.map { .integer(Int64($0)) }, "reason": .string(reason),
        ])
    }
}
