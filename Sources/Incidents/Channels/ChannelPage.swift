import Web
import Wire

/// The channels, each with what came of it last.
enum ChannelPage {
    static func list(_ channels: [ChannelStatus], now: Timestamp, origin: String) -> Web.Page {
        let trail = [IncidentPage.section, Link("Channels", "/channels")]
        guard !channels.isEmpty else {
            return Web.Page(
                title: "Channels", trail: trail,
                body: .empty(
                    "Nobody is told of incidents yet. Declare a channel, and name it in 'notify' of a monitor:",
                    ways: HTML.waysToApply(example, to: origin)))
        }
        let rows = channels.map { channel -> [HTML] in
            [
                .link(channel.name, to: "/manifests/channels/\(channel.name)"), "\(channel.kind)", state(channel),
                channel.latest.map { .link("this incident", to: "/incidents/\($0.incidentID)") } ?? "–",
                channel.latest?.toldAt.map { .time($0, now: now) } ?? "–",
                channel.latest?.failure.map { .value($0) } ?? "–",
            ]
        }
        let table = HTML.table(["channel", "kind", "state", "last about", "told", "failure"], rows: rows)
        let test = HTML.code("martlet channels test \(channels[0].name) --server \(origin)")
        return Web.Page(
            title: "Channels", trail: trail, body: "\(table)<h2>Send an example</h2>\(test)")
    }

    /// A receiver that needs no secret.
    private static let example = """
        apiVersion: martlet/v1
        kind: Channel
        metadata: { name: on-call }
        spec:
          webhook: { url: "https://example.org/hook" }
        """

    private static func state(_ channel: ChannelStatus) -> HTML {
        guard let latest = channel.latest else { return .badge("not used yet", .plain) }
        return latest.failure == nil ? .badge("works", .good) : .badge("fails", .bad)
    }
}
