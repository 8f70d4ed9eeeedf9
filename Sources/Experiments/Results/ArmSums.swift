package import Statistics

/// What the database adds up over the units of an arm. y is a unit's value, x what it was before the experiment, which is
/// not known of all.
package struct ArmSums: Sendable, Hashable {
    package var units = 0
    /// Units that met another arm too.
    package var crossed = 0
    package var rewards = 0
    package var y = 0.0
    package var yy = 0.0
    /// Units whose x is known.
    package var known = 0
    package var x = 0.0
    package var xx = 0.0
    package var xy = 0.0
    /// Σ y of the units whose x is known.
    package var knownY = 0.0

    package init() {}

    package init(
        units: Int, crossed: Int, rewards: Int, y: Double, yy: Double, known: Int, x: Double, xx: Double, xy: Double,
        knownY: Double
    ) {
        self.units = units
        self.crossed = crossed
        self.rewards = rewards
        self.y = y
        self.yy = yy
        self.known = known
        self.x = x
        self.xx = xx
        self.xy = xy
        self.knownY = knownY
    }

    /// As sums over all units, with `mean` in the place of every x that is not known.
    func paired(meanBefore mean: Double) -> PairedSums {
        let missing = Double(units - known)
        return PairedSums(
            count: units, y: y, yy: yy, x: x + mean * missing, xx: xx + mean * mean * missing,
            xy: xy + mean * (y - knownY))
    }

    package static func + (a: ArmSums, b: ArmSums) -> ArmSums {
        ArmSums(
            units: a.units + b.units, crossed: a.crossed + b.crossed, rewards: a.rewards + b.rewards, y: a.y + b.y,
            yy: a.yy + b.yy, known: a.known + b.known, x: a.x + b.x, xx: a.xx + b.xx, xy: a.xy + b.xy,
            knownY: a.knownY + b.knownY)
    }
}
