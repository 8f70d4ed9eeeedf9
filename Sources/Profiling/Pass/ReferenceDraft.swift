import Statistics
import Tables

/// The first reading of a reference column, from which its anchors are made: how its values are sorted into cells.
///
/// Anchors of numbers come from a sample of some 50,000 of them (`StretchSample`), from all where they are fewer, and from the
/// exact least and greatest; those of names from exact counts while there are at most `nameLimit` of them, and of the
/// commonest after that (each name that is dropped for room had been seen less often than all that stay). Where the cuts lie is thus an estimate, what is counted
/// between them never is: a column that does not fit in memory is read a second time.
struct ReferenceDraft: ColumnReader {
    static let nameLimit = 262_144

    /// All numbers that there are; none where they are only sampled.
    private var numbers: [Double] = []
    private var sample = StretchSample()
    private let holdsAll: Bool
    private let rowCount: Int
    private var hasRoom = false
    private var least = Double.infinity
    private var greatest = -Double.infinity
    private var names = NameCounts()
    private var hasDroppedNames = false
    private var missing = 0
    /// Texts in a column of numbers.
    private var odd = NameCounts()
    private let isNumeric: Bool

    /// - Parameters:
    ///   - rowCount: of the table.
    ///   - holdsAll: whether the numbers of all rows are kept, so that no second reading is needed.
    init(_ form: ColumnReading.Form, rowCount: Int, holdsAll: Bool) {
        isNumeric = form != .names
        self.holdsAll = holdsAll
        self.rowCount = rowCount
    }

    mutating func read(_ cells: borrowing TableCells, at place: Int, as form: ColumnReading.Form) {
        let mask = cells.validity(place)
        if form == .names {
            guard let texts = cells.texts(place) else { return }
            for row in 0..<cells.rowCount {
                if mask?[row] ?? true { names.add(texts[row]) } else { missing += 1 }
            }
            guard names.counts.count > Self.nameLimit else { return }
            names.keepCommonest(Self.nameLimit / 2)
            hasDroppedNames = true
        } else if let values = cells.doubles(place) {
            // Here and not at first, lest the room be lost with the copy that a scan begins with.
            if !hasRoom { makeRoom() }
            let texts = form == .spelledNumbers ? cells.validity(place + 1) : mask
            for row in 0..<cells.rowCount {
                if mask?[row] ?? true {
                    add(values[row])
                } else if form == .spelledNumbers, texts?[row] ?? true {
                    cells.texts(place + 1).map { _ = odd.add($0[row]) }
                } else {
                    missing += 1
                }
            }
        }
    }

    private mutating func add(_ value: Double) {
        if value.isFinite {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        if holdsAll { numbers.append(value) } else { sample.add(value) }
    }

    private mutating func makeRoom() {
        hasRoom = true
        if holdsAll { numbers.reserveCapacity(rowCount) } else { sample.reserve(rowCount) }
    }

    func anchors() -> ColumnAnchors {
        guard isNumeric else {
            let commonest = names.counts.indices.map { (name: names.name($0), count: names.counts[$0]) }
                .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            return .categorical(names: commonest.prefix(CategoryAnchors.nameLimit).map(\.name))
        }
        let sample = holdsAll ? StretchSample(of: numbers) : sample
        return .numeric(NumericAnchors(reference: sample.numbers).reaching(least, greatest))
    }

    /// The exact profile, if this reading suffices for it.
    func profile(_ anchors: ColumnAnchors) -> ColumnProfile? {
        guard isNumeric ? holdsAll : !hasDroppedNames else { return nil }
        var profile = ColumnProfile(anchors: anchors)
        profile.add(numbers)
        profile.add(names)
        profile.add(odd)
        profile.addMissing(missing)
        return profile
    }
}

extension NumericAnchors {
    /// The same cells between, and cuts at the least and just above the greatest value of a reference of which these anchors
    /// have seen a sample: beyond the ends lies what the reference never had. Above the greatest of all doubles nothing is, and
    /// the last cut is that number itself.
    func reaching(_ least: Double, _ greatest: Double) -> NumericAnchors {
        guard least <= greatest, let first = cuts.first, let last = cuts.last else { return self }
        var inner = Array(cuts.dropLast())
        if least < first {
            if isDiscrete || inner.isEmpty { inner.insert(least, at: 0) } else { inner[0] = least }
        }
        guard greatest >= last else { return NumericAnchors(cuts: inner + [last], isDiscrete: isDiscrete) }
        let end = greatest.nextUp.isFinite ? greatest.nextUp : greatest
        if isDiscrete, end > greatest { inner.append(greatest) }
        return NumericAnchors(cuts: inner + [end], isDiscrete: isDiscrete)
    }
}
