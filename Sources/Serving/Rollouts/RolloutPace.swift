import Wire

/// When a rollout may be through, if requests go on coming as they have since its step began. A pure value.
struct RolloutPace: Sendable, Hashable {
    /// Of the present step, in milliseconds from now; nil while no request came.
    let step: Int64?
    /// Of all steps that are left.
    let whole: Int64?

    init(_ rollout: Rollout, now: Timestamp) {
        let elapsed = max(1, now.milliseconds(since: rollout.stepStart))
        let plan = rollout.plan
        guard rollout.state == .running, rollout.stepRequests > 0, plan.steps.indices.contains(rollout.step) else {
            (step, whole) = (nil, nil)
            return
        }
        let rate = Double(rollout.stepRequests) / Double(elapsed)
        let least = Int64(plan.minutes) * 60_000
        let missing = max(0, plan.requests - rollout.stepRequests)
        // One request in months, and a plan that wants many: that takes longer than whole numbers say.
        let rest = max((Double(missing) / rate).rounded(), Double(max(0, least - elapsed)))
        let later = plan.steps[(rollout.step + 1)...].reduce(0.0) { sum, percent in
            // A larger share sees more requests.
            let faster = rate * Double(percent) / Double(max(1, rollout.percent))
            return sum + max((Double(plan.requests) / faster).rounded(), Double(least))
        }
        (step, whole) = (Int64(saturating: rest), Int64(saturating: rest + later))
    }
}
