package import Wire

/// Something that changed, as it stands in the log: who, when, what kind of change, of which thing.
///
/// Events are numbered without gaps and chained: each hash covers the event and the hash before it, so that a changed,
/// removed or reordered event shows.
package struct Event: Sendable, Hashable {
    /// 1 for the first event.
    package let sequence: Int64
    package let time: Timestamp
    /// The principal's name, or the part of the system that acted, such as `monitor`.
    package let actor: String
    /// A noun and a past participle, such as `run.created` or `alias.moved`.
    package let kind: String
    /// What changed, as a path of the API, such as `runs/4f…` or `models/churn/3`.
    package let subject: String
    /// What a reader needs to know of the change.
    package let data: JSON
    /// SHA-256 in hexadecimal.
    package let hash: String
}

extension Event: JSONRepresentable {
    package var json: JSON {
        [
            "sequence": .integer(sequence), "time": time.json, "actor": .string(actor), "kind": .string(kind),
            "subject": .string(subject), "data": data, "hash": .string(hash),
        ]
    }
}

/// A change about to be recorded; the log adds its number, time and hash.
package struct Change: Sendable {
    package let actor: String
    package let kind: String
    package let subject: String
    package let data: JSON

    package init(by actor: String, _ kind: String, of subject: String, _ data: JSON = [:]) {
        self.actor = actor
        self.kind = kind
        self.subject = subject
        self.data = data
    }
}
