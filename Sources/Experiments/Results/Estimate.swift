package import Statistics
package import Wire

/// An effect with its intervals: the one that holds at all looks together, and the one of a single planned look.
package struct Estimate: Sendable, Hashable {
    package struct Interval: Sendable, Hashable {
        package let low: Double
        package let high: Double
        package let pValue: Double
    }

    package let effect: Double
    package let alwaysValid: Interval
    package let fixed: Interval

    /// Nil while the values have no spread.
    init?(_ effect: Effect, alpha: Double) {
        guard effect.standardError > 0, effect.standardError.isFinite, effect.estimate.isFinite else { return nil }
        self.effect = effect.estimate
        let wide = effect.sequentialHalfWidth(alpha: alpha)
        let narrow = effect.fixedHalfWidth(alpha: alpha)
        alwaysValid = Interval(
            low: effect.estimate - wide, high: effect.estimate + wide, pValue: effect.sequentialPValue(alpha: alpha))
        fixed = Interval(
            low: effect.estimate - narrow, high: effect.estimate + narrow, pValue: effect.fixedPValue)
    }
}

extension Estimate: JSONRepresentable {
    package var json: JSON {
        ["effect": .double(effect), "always_valid": alwaysValid.json, "fixed": fixed.json]
    }
}

extension Estimate.Interval: JSONRepresentable {
    package var json: JSON {
        ["low": .double(low), "high": .double(high), "p_value": .double(pValue)]
    }
}

/// A candidate against control.
package struct Comparison: Sendable, Hashable {
    package let arm: String
    package let absolute: Estimate
    /// In relation to control's mean; nil when that is zero.
    package let relative: Estimate?
    /// The absolute effect less what covariates explain; nil without any.
    package let adjusted: Estimate?

    /// What decides.
    package var decisive: Estimate { adjusted ?? absolute }
}

extension Comparison: JSONRepresentable {
    package var json: JSON {
        .compact([
            "variant": .string(arm), "absolute": absolute.json, "relative": relative?.json, "adjusted": adjusted?.json,
        ])
    }
}
