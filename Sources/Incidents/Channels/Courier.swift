package import Jobs
package import Manifests
package import Outbound
package import Wire

/// Tells channels of incidents, as jobs of the durable queue.
package struct Courier: Sendable {
    private let incidents: IncidentStore
    private let manifests: ManifestStore
    private let timeLine: TimeLineReader
    private let client: OutboundClient
    private let mail: MailClient
    private let secrets: OutboundSecrets
    private let clock: WallClock
    private let address: @Sendable () async throws -> String

    package static let jobKind = "incident-notice"
    /// With pauses that double, about a quarter of an hour.
    static let maximumAttempts = 10

    /// - Parameter address: where people reach this server, such as `http://127.0.0.1:8080`.
    package init(
        incidents: IncidentStore, manifests: ManifestStore, timeLine: TimeLineReader, client: OutboundClient,
        mail: MailClient, secrets: OutboundSecrets, clock: WallClock,
        address: @escaping @Sendable () async throws -> String
    ) {
        self.incidents = incidents
        self.manifests = manifests
        self.timeLine = timeLine
        self.client = client
        self.mail = mail
        self.secrets = secrets
        self.clock = clock
        self.address = address
    }

    /// What the job worker needs. What is not delivered is seen with the incident and the channel.
    package var handler: JobHandler {
        JobHandler(kind: Self.jobKind, maximumAttempts: Self.maximumAttempts) { job in
            let fields = try Fields(job.payload)
            let (id, channel) = (try fields.string("incident_id"), try fields.string("channel"))
            do {
                guard let telling = try await incidents.beginTelling(id, channel, by: job.id) else {
                    return ["skipped": true]
                }
                let result = try await tell(telling, delivery: job.id)
                try await incidents.endTelling(id, channel, by: job.id)
                return result
            } catch let error where !(error is CancellationError || error is PostponedJob) {
                try await incidents.noteFailure(id, channel, (error as? any Problem)?.description ?? "\(error)")
                try await incidents.endTelling(id, channel, by: job.id)
                throw error
            }
        }
    }

    private func tell(_ telling: Telling, delivery: String) async throws -> JSON {
        let (id, name) = (telling.incidentID, telling.channel)
        let incident = try await incidents.incident(id)
        let alerts = try await incidents.alerts(of: id)
        let digest = IncidentDigest(incident, alerts)
        guard let change = digest.change(since: telling.told) else { return ["skipped": true] }
        let channel = try await channel(name)
        let message = IncidentMessage(
            incident: incident, alerts: alerts, isServed: try await manifests.isServed(incident.endpoint),
            change: change,
            suspects: try await timeLine.suspects(of: incident, alerts).map(\.words),
            link: try await link(incident), time: clock.now)
        try await send(message, to: channel, delivery: delivery)
        try await incidents.noteTold(id, name, digest)
        return ["change": .string(change.rawValue)]
    }

    private func channel(_ name: String) async throws -> Channel {
        try Channel(try await manifests.manifest(kind: Channel.kind.name, name: name))
    }

    private func link(_ incident: Incident) async throws -> String {
        "\(try await address())/incidents/\(incident.id)"
    }

    func send(_ message: IncidentMessage, to channel: Channel, delivery: String) async throws {
        switch channel.place {
        case .webhook(let url, let secret):
            let body = message.json.text
            let headers = try signature(of: body, delivery: delivery, secret: secret)
            try await post(body, to: url.resolved(secrets), headers: headers)
        case .slack(let url): try await post(message.slack.text, to: url.resolved(secrets))
        case .email(let letter):
            let id = message.change == .opened ? IncidentMessage.firstMail(of: message.incident) : delivery
            try await mail.send(
                message.mail(from: letter.sender, to: letter.recipients, id: id), to: letter.server(secrets))
        case .alertmanager:
            try await sendAgain(message.incident, message.alerts, to: channel)
        }
    }

    /// Tells an Alertmanager how the alerts of an incident stand.
    private func sendAgain(_ incident: Incident, _ alerts: [Alert], to channel: Channel) async throws {
        guard case .alertmanager(let url, let token) = channel.place else { return }
        let body = AlertmanagerMessages.body(of: incident, alerts, link: try await link(incident), now: clock.now)
        let base = try url.resolved(secrets)
        let headers = try token.map { [(name: "Authorization", value: "Bearer \(try $0.resolved(secrets))")] } ?? []
        try await post(
            body.text, to: (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/api/v2/alerts", headers: headers)
    }

    private func signature(
        of body: String, delivery: String, secret: Channel.Value?
    ) throws -> [(name: String, value: String)] {
        let time = String(clock.now.milliseconds / 1000)
        let headers = [(name: "X-Martlet-Delivery-Id", value: delivery), (name: "X-Martlet-Timestamp", value: time)]
        guard let secret = try secret?.resolved(secrets) else { return headers }
        let signature = MessageSignature.signature(of: body, id: delivery, time: time, secret: secret)
        return headers + [(name: "X-Martlet-Signature", value: signature)]
    }

    private func post(_ body: String, to url: String, headers: [(name: String, value: String)] = []) async throws {
        let answer = try await client.post(body, headers: headers, to: url)
        guard answer.isSuccess, answer.status < 300 else {
            // The address may be a secret, so it is not said.
            throw IncidentError(
                answer.mayBeTriedAgain ? .unavailable : .invalidParameterValue,
                "The receiver answered \(answer.status): \(answer.body.prefix(200))")
        }
    }
}

extension Courier {
    /// Reminds Alertmanagers of the incidents that are open, which they would take for over otherwise.
    /// - Throws: nothing that a channel does: that is noted with it.
    package func remind() async throws {
        let channels = try await manifests.all(kind: Channel.kind.name).compactMap { try? Channel($0) }
            .filter { $0.kindName == "alertmanager" }
        guard !channels.isEmpty else { return }
        let open = try await incidents.incidents(isOpen: true, limit: 1000)
        try await withThrowingDiscardingTaskGroup { group in
            for channel in channels {
                let own = open.filter { $0.notify.contains(channel.name) }
                group.addTask { try await remind(channel, of: own) }
            }
        }
    }

    /// Goes no further once the channel does not answer: each of the others would wait as long.
    private func remind(_ channel: Channel, of open: [Incident]) async throws {
        let failing = try await incidents.failing(channel.name)
        for incident in open {
            do {
                try await sendAgain(incident, incidents.alerts(of: incident.id), to: channel)
                if failing.contains(incident.id) { try await incidents.clearFailure(incident.id, channel.name) }
            } catch let error where !(error is CancellationError) {
                let reason = (error as? any Problem)?.description ?? "\(error)"
                try await incidents.noteFailure(incident.id, channel.name, reason)
                // What it refuses of one incident it may take of another.
                guard let answer = error as? IncidentError, answer.code.status < 500 else { return }
            }
        }
    }

    /// Sends an example, to see whether a channel works.
    /// - Throws: what keeps it from working; `ManifestError` 404 when there is none of this name.
    package func test(_ name: String, delivery: String) async throws {
        let channel = try await channel(name)
        let now = clock.now
        let incident = Incident(
            id: "i-example", endpoint: "example", model: "example", version: 1, title: "A test of channel \(name)",
            state: .resolved, severity: .low, owner: nil, notify: [name], since: now, openedAt: now,
            acknowledgedAt: nil, acknowledgedBy: nil, resolvedAt: now, resolvedBy: "martlet", cause: .other,
            words: "nothing is wrong", flaps: 0)
        let message = IncidentMessage(
            incident: incident, alerts: [], isServed: false, change: .opened, suspects: [],
            link: try await link(incident), time: now)
        try await send(message, to: channel, delivery: delivery)
    }
}
