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
    /// Where the room for all numbers comes from; nil where they are only sampled.
    private let rooms: NumberRooms?
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
    ///   - rooms: for the numbers of all rows, so that no second reading is needed; nil to sample them.
    init(_ form: ColumnReading.Form, rowCount: Int, rooms: NumberRooms?) {
        isNumeric = form != .names
        self.rooms = rooms
        self.rowCount = rowCount
    }

    mutating func read(_ cells: borrowing TableCells, at place: Int, as form: ColumnReading.Form) {
        let mask = cells.validity(place)
        if form == .names {
            guard let texts = cells.texts(place) else { return }
            missing += names.add(texts, mask)
            guard names.counts.count > Self.nameLimit else { return }
            names.keepCommonest(Self.nameLimit / 2)
            hasDroppedNames = true
        } else if let values = cells.doubles(place) {
            // Here and not at first, lest the room be lost with the copy that a scan begins with.
            if !hasRoom { makeRoom() }
            let absent = add(values, mask)
            guard absent > 0, form == .spelledNumbers, let texts = cells.texts(place + 1) else {
                missing += absent
                return
            }
            let spelled = cells.validity(place + 1)
            for row in 0..<cells.rowCount where !(mask?[row] ?? true) {
                if spelled?[row] ?? true { odd.add(texts[row]) } else { missing += 1 }
            }
        }
    }

    /// - Returns: how many rows have no number.
    private mutating func add(_ values: UnsafeBufferPointer<Double>, _ mask: RowMask?) -> Int {
        guard let mask else {
            add(values)
            return 0
        }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count) { present in
            var count = 0
            let words = mask.words
            for row in values.indices {
                // What is not there is overwritten by the next.
                present[count] = values[row]
                count &+= Int(truncatingIfNeeded: words[row >> 6] >> UInt64(row & 63) & 1)
            }
            add(UnsafeBufferPointer(rebasing: present[..<count]))
            return values.count - count
        }
    }

    private mutating func add(_ values: UnsafeBufferPointer<Double>) {
        var (least, greatest) = (least, greatest)
        for value in values {
            let isFinite = value.magnitude < .infinity
            least = isFinite && value < least ? value : least
            greatest = isFinite && value > greatest ? value : greatest
        }
        (self.least, self.greatest) = (least, greatest)
        if rooms != nil { numbers.append(contentsOf: values) } else { sample.add(values) }
    }

    private mutating func makeRoom() {
        hasRoom = true
        if let rooms { numbers = rooms.take(rowCount) } else { sample.reserve(rowCount) }
    }

    /// Gives the room of the numbers back; they are gone.
    mutating func end() {
        if hasRoom { rooms?.give(&numbers) }
        hasRoom = false
    }

    func anchors() -> ColumnAnchors {
        guard isNumeric else {
            let commonest = names.counts.indices.map { (name: names.name($0), count: names.counts[$0]) }
                .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            return .categorical(names: commonest.prefix(CategoryAnchors.nameLimit).map(\.name))
        }
        let sample = rooms != nil ? StretchSample(of: numbers) : sample
        return .numeric(NumericAnchors(reference: sample.numbers).reaching(least, greatest))
    }

    /// The exact profile, if this reading suffices for it.
    func profile(_ anchors: ColumnAnchors) -> ColumnProfile? {
        guard isNumeric ? rooms != nil : !hasDroppedNames else { return nil }
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
