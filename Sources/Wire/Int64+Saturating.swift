extension Int64 {
    /// The nearest whole number; the least or the greatest that there is where it lies beyond, 0 for NaN.
    package init(saturating value: Double) {
        self = Int64(exactly: value.rounded()) ?? (value < 0 ? .min : value > 0 ? .max : 0)
    }
}
