package import Wire

/// What of an endpoint's predictions is kept, how long, and how safely.
package struct LogPolicy: Sendable, Hashable {
    /// When a prediction may be answered.
    package enum Durability: String, Sendable, Hashable, CaseIterable {
        /// Once the system has it: it survives the end of the process, however it ends; a power failure may lose the last
        /// moments.
        case process
        /// Once it is on the disk: it survives a power failure too. Predictions that wait at the same time share a flush.
        case disk
    }

    /// Of how many in a hundred requests inputs and outputs are kept, in steps of a hundredth. Of the others there remains
    /// by which variant they were answered and for whom, so that rewards still find them.
    package var samplePercent: Double
    /// Inputs and members of outputs whose values are never written down.
    package var mask: ColumnMask
    /// A day of predictions is dropped once it ended so many days ago; nil to keep them for ever.
    package var retentionDays: Int?
    package var durability: Durability

    package static let samplePercents = 0.0...100.0
    package static let retentionDaysRange = 1...36_500

    /// Everything is kept for ever.
    package static let standard = LogPolicy()

    /// - Parameter samplePercent: what lies outside of 0 to 100 counts as the nearer of the two.
    package init(
        samplePercent: Double = 100, mask: ColumnMask = ColumnMask(), retentionDays: Int? = nil,
        durability: Durability = .process
    ) {
        self.samplePercent = samplePercent
        self.mask = mask
        self.retentionDays = retentionDays
        self.durability = durability
    }

    /// Whether a request is in the sample: whether the last eight digits of its id, as a number modulo 10,000, are below a
    /// hundred times `samplePercent`. Anyone with the id can tell, and a larger sample holds the smaller one.
    func keeps(_ lot: UInt32) -> Bool {
        Double(lot % 10_000) < samplePercent * 100
    }
}

extension LogPolicy: JSONRepresentable {
    package var json: JSON {
        .compact([
            "sample_percent": .double(samplePercent), "mask": .array(mask.names.map(JSON.string)),
            "retention_days": retentionDays.map { .integer(Int64($0)) }, "durability": .string(durability.rawValue),
        ])
    }
}
