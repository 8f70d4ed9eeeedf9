import Foundation

extension Double {
    /// Three significant digits, as people read them: `0.0312`, `1.2e-12`, `15,300`.
    var words: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-∞" : "∞" }
        let size = magnitude
        guard size > 0 else { return "0" }
        if size >= 1e15 || size < 1e-4 { return String(format: "%.2g", self) }
        if size >= 1000 { return Int(rounded()).words }
        return String(format: "%.3g", self)
    }
}

extension Int {
    /// With a comma between groups of three digits.
    var words: String {
        let digits = Array(String(magnitude))
        var words = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { words.append(",") }
            words.append(digit)
        }
        return self < 0 ? "-" + words : words
    }

    /// `1 row`, `2,000 rows`.
    func counted(_ noun: String) -> String {
        "\(words) \(noun)\(self == 1 ? "" : "s")"
    }
}
