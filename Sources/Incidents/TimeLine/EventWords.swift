import Events
import Wire

/// What an event says to somebody who looks into an incident.
struct EventWords {
    /// What alerts are about, by id.
    let titles: [String: String]

    /// - Returns: nil for an event that tells them nothing.
    func entry(of event: Event) -> TimeLineEntry? {
        let noun = event.kind.prefix { $0 != "." }
        return switch noun {
        case "alert": alert(event)
        case "incident": incident(event)
        case "rollout": rollout(event)
        case "alias", "version", "model": registry(event)
        case "endpoint", "monitor": manifest(event)
        case "experiment":
            TimeLineEntry(event.time, .deployment, "The experiment: \(event.kind).", by: event.actor)
        case "silence": silence(event)
        default: nil
        }
    }

    private func alert(_ event: Event) -> TimeLineEntry? {
        let id = String(event.subject.dropFirst("alerts/".count))
        let title = titles[id] ?? id
        let path = "/alerts/\(id)"
        switch event.kind {
        case "alert.opened":
            let findings = (event.data["findings"]?.arrayValue ?? []).compactMap { $0["words"]?.stringValue }
            return TimeLineEntry(
                event.time, .alarm, "Alert: \(title).", details: Array(findings.prefix(5)), path: path)
        case "alert.closed":
            let reason = event.data["reason"]?.stringValue.map { " (\($0))" } ?? ""
            return TimeLineEntry(event.time, .alarm, "Alert closed: \(title)\(reason).", path: path)
        case "alert.command-ended":
            let code = event.data["exit_code"]?.integerValue.map { "\($0)" } ?? "?"
            return TimeLineEntry(event.time, .remedy, "Its command ended with exit code \(code).", path: path)
        case "alert.rolled-back":
            return TimeLineEntry(event.time, .remedy, event.data["words"]?.stringValue ?? "Rolled back.", path: path)
        default: return nil
        }
    }

    private func incident(_ event: Event) -> TimeLineEntry? {
        let words = event.data["words"]?.stringValue
        switch event.kind {
        case "incident.opened": return TimeLineEntry(event.time, .alarm, "The incident was opened.")
        case "incident.acknowledged":
            return TimeLineEntry(event.time, .people, "\(event.actor) looks after it.", by: event.actor)
        case "incident.assigned":
            let owner = event.data["to"]?.stringValue ?? "?"
            return TimeLineEntry(event.time, .people, "\(event.actor) gave it to \(owner).", by: event.actor)
        case "incident.commented":
            return TimeLineEntry(
                event.time, .people, "\(event.actor): \(words ?? "")", by: event.actor)
        case "incident.resolved":
            let cause = event.data["cause"]?.stringValue?.replacing("_", with: " ") ?? "?"
            return TimeLineEntry(
                event.time, .alarm, "Resolved by \(event.actor): \(cause)\(words.map { ", \($0)" } ?? "").",
                by: event.actor)
        case "incident.continued":
            let over = event.data["over_ms"]?.integerValue ?? 0
            let flaps = event.data["flaps"]?.integerValue ?? 1
            let times = flaps > 1 ? ", \(flaps) times by now" : ""
            return TimeLineEntry(
                event.time, .alarm, "It began again \(TimeLineEntry.span(over)) after it was over\(times).")
        case "incident.reopened":
            return TimeLineEntry(event.time, .people, "\(event.actor) opened it again.", by: event.actor)
        default: return nil
        }
    }

    private func rollout(_ event: Event) -> TimeLineEntry {
        let to = event.data["to"]?.stringValue ?? "?"
        let from = event.data["from"]?.stringValue
        let former = from ?? "nothing"
        let words =
            switch event.kind {
            case "rollout.promoted" where from == nil: "\(to) began to answer."
            case "rollout.started": "\(to) began to be tried out beside \(former)."
            case "rollout.promoted": "\(to) took over from \(former)."
            case "rollout.rolled_back": "\(to) was taken back; \(former) answers."
            case "rollout.retried": "\(to) is to be tried again."
            case "rollout.superseded": "The rollout of \(to) was given up."
            default: "The rollout of \(to) went on (\(event.kind.dropFirst("rollout.".count)))."
            }
        let isComing = event.kind == "rollout.started" || event.kind == "rollout.promoted"
        let reason = event.data["reason"]?.stringValue
        return TimeLineEntry(
            event.time, .deployment, words, details: isComing ? [] : [reason].compactMap(\.self), by: event.actor,
            path: "/\(event.subject)", versions: isComing ? from.map { ($0, to) } : nil)
    }

    private func registry(_ event: Event) -> TimeLineEntry? {
        let parts = event.subject.split(separator: "/").map(String.init)
        guard parts.count >= 2 else { return nil }
        let (model, path) = (parts[1], "/models/\(parts[1])")
        switch event.kind {
        case "alias.moved":
            let alias = event.data["alias"]?.stringValue ?? "?"
            let to = event.data["to"]?.integerValue.map { "\(model)/\($0)" } ?? "?"
            let from = event.data["from"]?.integerValue.map { "\(model)/\($0)" }
            return TimeLineEntry(
                event.time, .registry, "Alias \(alias) moved \(from.map { "from \($0) " } ?? "")to \(to).",
                by: event.actor, path: path, versions: from.map { ($0, to) })
        case "alias.removed":
            let alias = event.data["alias"]?.stringValue ?? "?"
            return TimeLineEntry(
                event.time, .registry, "Alias \(alias) of \(model) was removed.", by: event.actor, path: path)
        case "version.created", "version.staged", "version.deleted", "version.restored":
            let verb = event.kind.dropFirst("version.".count).replacing("created", with: "registered")
            return TimeLineEntry(
                event.time, .registry, "\(parts.dropFirst().joined(separator: "/")) was \(verb).", by: event.actor,
                path: path)
        default: return nil
        }
    }

    private func manifest(_ event: Event) -> TimeLineEntry? {
        guard ["created", "updated", "deleted"].contains(event.kind.split(separator: ".").last ?? "") else {
            return nil
        }
        let parts = event.kind.split(separator: ".").map(String.init)
        let name = event.subject.split(separator: "/").last.map(String.init) ?? event.subject
        return TimeLineEntry(
            event.time, .manifest, "The manifest of \(parts[0]) \(name) was \(parts[1]).", by: event.actor,
            path: "/\(event.subject)")
    }

    private func silence(_ event: Event) -> TimeLineEntry? {
        guard event.kind == "silence.created" else {
            return TimeLineEntry(event.time, .people, "\(event.actor) ended a silence.", by: event.actor)
        }
        let end = event.data["ends"]?.integerValue.map { Timestamp(milliseconds: $0).iso8601.prefix(16) } ?? "?"
        let what = [event.data["family"]?.stringValue, event.data["subject"]?.stringValue].compactMap(\.self)
        let words = what.isEmpty ? "everything" : what.joined(separator: " of ")
        return TimeLineEntry(
            event.time, .people, "\(event.actor) silenced \(words) until \(end.replacing("T", with: " ")).",
            by: event.actor)
    }
}
