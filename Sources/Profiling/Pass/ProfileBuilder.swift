import Statistics
import Tables

/// Makes the exact profile of a column whose anchors are known.
struct ProfileBuilder: ColumnReader {
    private var profile: ColumnProfile
    private var names = NameCounts()

    /// Names are counted before they become strings, and handed on when there are so many.
    private static let nameLimit = 65_536

    init(_ anchors: ColumnAnchors) {
        profile = ColumnProfile(anchors: anchors)
    }

    mutating func read(_ cells: borrowing TableCells, at place: Int, as form: ColumnReading.Form) {
        let mask = cells.validity(place)
        switch form {
        case .numbers:
            guard let values = cells.doubles(place) else { return }
            profile.add(values, validity: mask?.words)
        case .spelledNumbers:
            guard let values = cells.doubles(place), let texts = cells.texts(place + 1) else { return }
            let spelled = cells.validity(place + 1)
            for row in 0..<cells.rowCount {
                if mask?[row] ?? true {
                    profile.add(values[row])
                } else if spelled?[row] ?? true {
                    names.add(texts[row])
                } else {
                    profile.addMissing()
                }
            }
        case .names:
            guard let texts = cells.texts(place) else { return }
            profile.addMissing(names.add(texts, mask))
            if names.counts.count > Self.nameLimit { flush() }
        }
    }

    private mutating func flush() {
        profile.add(names)
        names.removeAll()
    }

    /// The profile of all rows that were read.
    func finished() -> ColumnProfile {
        var whole = profile
        whole.add(names)
        return whole
    }
}
