import OrderedCollections
import Wire

/// How the answers of two models to one row relate.
struct ShadowComparison: Sendable, Hashable {
    /// Whether they say the same: numbers up to a tolerance, everything else exactly.
    let agrees: Bool
    /// The largest distance of two numbers at the same place; nil when there are none to compare.
    let difference: Double?

    /// Numbers agree when |a - b| ≤ absolute + relative · |a|, as in numpy's `isclose`.
    struct Tolerance: Sendable, Hashable {
        var absolute = 1e-8
        var relative = 1e-5
    }

    /// - Parameters:
    ///   - primary: what was answered.
    ///   - shadow: what the model that is tried would have answered.
    init(_ primary: JSON, _ shadow: JSON, tolerance: Tolerance = Tolerance()) {
        var largest: Double?
        agrees = Self.agree(primary, shadow, tolerance, &largest)
        difference = largest
    }

    private static func agree(
        _ primary: JSON, _ shadow: JSON, _ tolerance: Tolerance, _ largest: inout Double?
    ) -> Bool {
        if let left = primary.doubleValue, let right = shadow.doubleValue {
            let distance = abs(left - right)
            // NaN is logged as null; what is infinite on both sides is the same.
            guard distance.isFinite else { return left == right }
            largest = max(largest ?? 0, distance)
            return distance <= tolerance.absolute + tolerance.relative * abs(left)
        }
        if let left = primary.arrayValue, let right = shadow.arrayValue {
            guard left.count == right.count else { return false }
            // Every place is looked at, for the sake of the largest difference.
            return zip(left, right).reduce(true) { agree($1.0, $1.1, tolerance, &largest) && $0 }
        }
        if let left = primary.memberList, let right = shadow.objectValue {
            guard left.count == right.count else { return false }
            return left.reduce(true) { all, member in
                guard let other = right[member.key] else { return false }
                return agree(member.value, other, tolerance, &largest) && all
            }
        }
        return primary == shadow
    }
}

/// A row that both models answered, or that the shadow failed to.
struct ShadowPair: Sendable, Hashable {
    /// The id of the prediction that was answered.
    let prediction: String
    let time: Timestamp
    let primaryVersion: String
    let shadowVersion: String
    let primary: JSON
    /// Nil when the shadow failed.
    let shadow: JSON?
    /// Of the whole request that the row came in, in microseconds.
    let primaryLatencyUs: Int64
    let shadowLatencyUs: Int64
    /// Why the shadow gave no answer.
    let problem: String?

    /// The id of the request that the row came in.
    var request: Substring { prediction.prefix { $0 != "." } }

    var comparison: ShadowComparison? {
        shadow.map { ShadowComparison(primary, $0) }
    }
}
