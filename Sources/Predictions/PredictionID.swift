package import Wire

/// Names one prediction: `p-` and the 32 hexadecimal digits of its request, and `.i` for row i of a request with several.
///
/// Ids are given in the order of the log and carry their moment, so that they sort by time and tell the day whose
/// partition holds them.
package struct PredictionID: Sendable, Hashable, Comparable {
    /// 32 lower-case hexadecimal digits.
    package let request: String
    /// Nil when the request had one row.
    package let row: Int?

    package init(request: String, row: Int? = nil) {
        self.request = request
        self.row = row
    }

    /// Reads an id back; nil for any other text.
    package init?(_ text: String) {
        let utf8 = text.utf8
        let digits = utf8.dropFirst(2).prefix(32)
        guard utf8.starts(with: "p-".utf8), digits.count == 32, digits.allSatisfy(Self.isHexadecimal) else {
            return nil
        }
        let rest = utf8.dropFirst(34)
        if rest.isEmpty {
            row = nil
        } else {
            let place = rest.dropFirst()
            guard rest.first == UInt8(ascii: "."), let row = Int(Substring(place)), row >= 0,
                "\(row)".utf8.elementsEqual(place)
            else { return nil }
            self.row = row
        }
        request = String(Substring(digits))
    }

    package var text: String {
        row.map { "p-\(request).\($0)" } ?? "p-\(request)"
    }

    /// When the prediction was logged.
    package var time: Timestamp {
        Entropy.moment(ofSortableID: request) ?? Timestamp(milliseconds: 0)
    }

    /// Whether it names a row of a request with so many.
    func isOne(ofRows count: Int) -> Bool {
        row.map { count > 1 && $0 < count } ?? (count == 1)
    }

    package static func < (earlier: PredictionID, later: PredictionID) -> Bool {
        (earlier.request, earlier.row ?? 0) < (later.request, later.row ?? 0)
    }

    /// The smallest `request` of a moment: a bound for ranges of time.
    static func firstRequest(at moment: Timestamp) -> String {
        let digits = String(max(0, moment.milliseconds), radix: 16)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + String(repeating: "0", count: 20)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
