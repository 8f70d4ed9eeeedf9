#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Double {
    /// With `digits` significant digits, as sentences of findings say numbers, such as `0.213` or `1.2e-7`.
    package func words(digits: Int = 3) -> String {
        guard isFinite, self != 0 else { return self == 0 ? "0" : isNaN ? "NaN" : self < 0 ? "-∞" : "∞" }
        let exponent = Int(log10(abs(self)).rounded(.down))
        let scale = pow(10, Double(digits - 1 - exponent))
        guard (-4..<15).contains(exponent), scale.isFinite else {
            let mantissa = (self / pow(10, Double(exponent))).words(digits: digits)
            return "\(mantissa)e\(exponent)"
        }
        let rounded = (self * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
