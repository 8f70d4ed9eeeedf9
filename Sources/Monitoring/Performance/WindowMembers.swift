import Predictions

/// The predictions of a window of rows, by the hashes of their ids.
///
/// Such a window need not lie in a time of its own: rows that came together, and late ones, are cut as they came. So its labels
/// are those of its members, and not those of its time.
struct WindowMembers: Sendable, Equatable {
    private let hashes: Set<UInt64>

    init(_ ids: some Sequence<PredictionID>) {
        hashes = Set(ids.map(PredictionSample.priority))
    }

    /// Reads what `bytes` says; nil for anything else.
    init?(bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: 8) else { return nil }
        hashes = Set(
            stride(from: 0, to: bytes.count, by: 8).map { start in
                bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
            })
    }

    /// Eight bytes each, the most significant first.
    var bytes: [UInt8] {
        hashes.sorted().flatMap { hash in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: hash >> UInt64($0)) }
        }
    }

    var count: Int { hashes.count }

    func contains(_ id: PredictionID) -> Bool { hashes.contains(PredictionSample.priority(of: id)) }
}
