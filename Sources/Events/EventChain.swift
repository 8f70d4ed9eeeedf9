import Crypto
package import Wire

/// The hash chain over events: pure, so that an exported log can be checked anywhere.
enum EventChain {
    /// The hash before the first event.
    static let origin = String(repeating: "0", count: 64)

    /// SHA-256 over the previous hash and the event's fields, each preceded by its length in bytes, so that no two
    /// different events spell the same text.
    static func hash(
        after previous: String, sequence: Int64, time: Timestamp, actor: String, kind: String, subject: String,
        data: String
    ) -> String {
        var hasher = SHA256()
        for field in [previous, String(sequence), String(time.milliseconds), actor, kind, subject, data] {
            hasher.update("\(field.utf8.count):")
            hasher.update(field)
        }
        return hasher.finalize().hexadecimal
    }
}

extension SHA256 {
    fileprivate mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
}

/// What a walk along the chain found.
package enum ChainVerdict: Sendable, Hashable {
    case intact(events: Int64)
    case broken(at: Int64, reason: String)
}

extension ChainVerdict: JSONRepresentable {
    package var json: JSON {
        switch self {
        case .intact(let events): ["ok": true, "events": .integer(events)]
        case .broken(let sequence, let reason):
            ["ok": false, "broken_at": .integer(sequence), "reason": .string(reason)]
        }
    }
}
