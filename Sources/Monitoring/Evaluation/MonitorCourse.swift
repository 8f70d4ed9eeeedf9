import Wire

/// How far one monitor has come, as a server knows it.
package struct MonitorCourse: Sendable {
    var judge: WindowJudge
    var shelf = ReferenceDesk.Shelf()
    /// Nil before the first look.
    var callsCountedTo: Timestamp?
    /// When old windows were dropped; nil before the first time.
    var droppedAt: Timestamp?

    init(_ judge: WindowJudge, callsCountedTo: Timestamp? = nil) {
        self.judge = judge
        self.callsCountedTo = callsCountedTo
    }

    /// Takes up what another server did meanwhile.
    mutating func goOn(from stored: MonitorCourse) {
        judge.goOn(from: stored.judge)
        callsCountedTo = stored.callsCountedTo ?? callsCountedTo
    }

    /// Stretches that ended longer ago than this many are passed over: no server was there to count them.
    private static let stretchesWaited = 2

    /// The stretches of the clock that have ended and in which nobody has judged the calls, oldest first. The first is the one
    /// under way when the monitor is first looked at.
    mutating func callStretches(at now: Timestamp) -> [(start: Timestamp, end: Timestamp)] {
        let minutes = judge.monitor.calls.minutes
        let stretch = Duration.seconds(60 * minutes)
        let end = (now + (.zero - WindowPolicy.grace)).start(ofMinutes: minutes)
        var start = callsCountedTo ?? now.start(ofMinutes: minutes)
        // The stretches may have been of another length.
        if start != start.start(ofMinutes: minutes) { start = start.start(ofMinutes: minutes) + stretch }
        if start + stretch * Self.stretchesWaited < end { start = end }
        callsCountedTo = start
        var stretches: [(start: Timestamp, end: Timestamp)] = []
        while start < end {
            stretches.append((start, start + stretch))
            start = start + stretch
        }
        return stretches
    }
}
