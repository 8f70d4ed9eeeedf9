import Foundation

extension Double {
    /// A share in percent, as sentences of findings say it: `0 %`, `0.04 %`, `3.2 %`, `12 %`.
    package var percent: String {
        guard self > 0 else { return "0 %" }
        guard self >= 0.0001 else { return "< 0.01 %" }
        let percent = self * 100
        return String(format: percent < 1 ? "%.2f %%" : percent < 10 ? "%.1f %%" : "%.0f %%", percent)
    }
}
