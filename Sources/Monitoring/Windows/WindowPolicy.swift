/// The numbers of counting: how long things are kept, how often they are stored, how many there may be.
package enum WindowPolicy {
    /// A window of minutes is evaluated this long after its end: until then its last rows have come out of the journal.
    package static let grace = Duration.seconds(2)
    /// A window of rows that has had none for so long is closed as it is.
    package static let idle = Duration.seconds(24 * 3600)

    /// Records of minutes become records of hours at this age, those of hours become records of days, and those go.
    package static let minutesKept = Duration.seconds(6 * 3600)
    package static let hoursKept = Duration.seconds(35 * 86_400)
    package static let daysKept = Duration.seconds(1_100 * 86_400)
    /// The records of a server that counted nothing for so long are rolled up by others.
    static let sourceGone = Duration.seconds(2 * 86_400)
    /// Between two looks at what is old.
    static let rollUp = Duration.seconds(600)

    /// Between two transactions that store what was counted, unless a window closes.
    static let flush = Duration.seconds(1)
    /// Between two looks at which monitors there are.
    static let follow = Duration.seconds(1)
    /// Anchors go when nothing was counted by them for longer than records of days are kept. That they are in use is said anew
    /// within a day.
    static let anchorsKept = daysKept + .seconds(3 * 86_400)
    static let anchorsSaid = Duration.seconds(86_400)
    /// Rows that come late to an hour or a day are gathered for so long before it is judged again.
    static let gathering = Duration.seconds(60)
    /// An hour that was never judged keeps its records from becoming those of a day for so long.
    static let mergedWait = Duration.seconds(7 * 86_400)
    /// Between two questions for a reference that was not there.
    static let askAgain = Duration.seconds(60)
    /// The same for one that was there.
    static let askForAnother = Duration.seconds(300)

    /// So many values of a column without a reference are kept to make anchors of.
    static let sampleSize = 200
    /// A column that is nearly always null gets its anchors after so many rows.
    static let sampleRows = 1_000
    /// Values that wait for references which are being made, of all monitors and columns. Beyond it columns are sorted by what
    /// production gives until then.
    static let waitingValues = 500_000
    /// Lanes of one monitor; predictions of others are counted in one lane together.
    static let lanes = 100
    /// Stored records of minutes that began so long ago are let go.
    static let idleRecord = Duration.seconds(120)
    /// Records in memory; beyond it those that are stored are let go, and read again when rows come for them.
    static let liveRecords = 2_000
}
