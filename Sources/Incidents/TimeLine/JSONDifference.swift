import Wire

/// What differs between two documents, for people.
enum JSONDifference {
    private static let maximumLines = 12

    /// A line for each value that is another one now, such as `variants[0].weight: 70 → 50`.
    static func lines(from former: JSON, to latter: JSON) -> [String] {
        var lines: [String] = []
        compare(former, latter, at: "", &lines)
        guard lines.count > maximumLines else { return lines }
        return lines.prefix(maximumLines) + ["and \(lines.count - maximumLines) changes more"]
    }

    private static func compare(_ former: JSON?, _ latter: JSON?, at path: String, _ lines: inout [String]) {
        guard former != latter else { return }
        switch (former, latter) {
        case (.object?, .object?):
            let keys = [former, latter].flatMap { $0?.memberList?.map(\.key) ?? [] }
            var seen: Set<String> = []
            for key in keys where seen.insert(key).inserted {
                compare(former?[key], latter?[key], at: path.isEmpty ? key : "\(path).\(key)", &lines)
            }
        case (.array(let old)?, .array(let new)?):
            // Not `nil`, which would be JSON's null.
            for index in 0..<max(old.count, new.count) {
                let before: JSON? = index < old.count ? .some(old[index]) : .none
                let after: JSON? = index < new.count ? .some(new[index]) : .none
                compare(before, after, at: "\(path)[\(index)]", &lines)
            }
        default:
            lines.append("\(path): \(former?.excerpt(60) ?? "–") → \(latter?.excerpt(60) ?? "–")")
        }
    }
}
