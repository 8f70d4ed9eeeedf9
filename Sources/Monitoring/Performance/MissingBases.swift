/// Versions whose labelled rows made no basis: to look for one reads all of them, so that nobody does again before more labels
/// came. Forgotten with the process, which looks once more after its start.
actor MissingBases {
    private struct Version: Hashable {
        let model: String
        let version: Int
    }

    /// By monitor; one that says something else about labels is another.
    private var missing: [Monitor: Set<Version>] = [:]

    func isWorthALook(_ model: String, _ version: Int, of monitor: Monitor) -> Bool {
        missing[monitor]?.contains(Version(model: model, version: version)) != true
    }

    func note(_ model: String, _ version: Int, of monitor: Monitor) {
        // What its manifest said before.
        for former in missing.keys where former.name == monitor.name && former != monitor { missing[former] = nil }
        missing[monitor, default: []].insert(Version(model: model, version: version))
    }

    /// Labels came to the endpoint of a monitor.
    func lookAgain(for monitor: Monitor) {
        missing[monitor] = nil
    }
}
