import Events
import Registry
import Tracking
import Wire

/// What webhooks are told of an event: the body of their deliveries.
struct WebhookMessage: Sendable, Hashable {
    let event: WebhookEvent
    let body: String

    init(_ event: WebhookEvent, at time: Timestamp, data: JSON) {
        self.event = event
        let message: JSON = [
            "entity": .string(event.entity.lowercased()), "action": .string(event.action.lowercased()),
            "timestamp": .string(time.iso8601), "data": data,
        ]
        body = message.text
    }

    /// What a webhook is sent to try it.
    static func example(of event: WebhookEvent, at time: Timestamp) -> WebhookMessage {
        let tags: JSON = ["example_key": "example_value"]
        let data: JSON =
            switch event {
            case .modelCreated, .promptCreated:
                ["name": "example_model", "tags": tags, "description": "An example"]
            case .versionCreated:
                [
                    "name": "example_model", "version": "1", "source": "models:/m-0123", "run_id": "0123", "tags": tags,
                    "description": "An example",
                ]
            case .promptVersionCreated:
                [
                    "name": "example_prompt", "version": "1", "template": "Hello {{name}}!", "tags": tags,
                    "description": "An example",
                ]
            case .versionTagSet, .promptVersionTagSet:
                ["name": "example_model", "version": "1", "key": "example_key", "value": "example_value"]
            case .versionTagDeleted, .promptVersionTagDeleted:
                ["name": "example_model", "version": "1", "key": "example_key"]
            case .promptTagSet: ["name": "example_prompt", "key": "example_key", "value": "example_value"]
            case .promptTagDeleted: ["name": "example_prompt", "key": "example_key"]
            case .aliasCreated, .promptAliasCreated:
                ["name": "example_model", "alias": "example_alias", "version": "1"]
            case .aliasDeleted, .promptAliasDeleted: ["name": "example_model", "alias": "example_alias"]
            case .budgetExceeded: ["budget_policy_id": "example"]
            }
        return WebhookMessage(event, at: time, data: data)
    }
}

/// Makes messages of what the registry writes into the log of events.
struct WebhookMessages: Sendable {
    let models: RegisteredModelStore
    let versions: ModelVersionStore

    /// The kinds of events that there are messages of.
    static let kinds: Set<String> = [
        "model.created", "model.tagged", "model.untagged", "version.created", "version.tagged", "version.untagged",
        "alias.moved", "alias.removed",
    ]

    /// - Returns: nil when the event is of no interest, and when what it is about is gone already.
    func message(of event: Event) async throws -> WebhookMessage? {
        guard Self.kinds.contains(event.kind) else { return nil }
        do {
            return try await known(event)
        } catch let error as any Problem where error.code.status == 404 {
            return nil
        }
    }

    private func known(_ event: Event) async throws -> WebhookMessage? {
        let path = event.subject.split(separator: "/").map(String.init)
        guard path.count >= 2, path[0] == "models" else { return nil }
        let model = try await models.model(named: path[1])
        if path.count > 2, let number = Int64(path[2]) {
            let version = try await versions.version(number, of: model.name)
            return message(of: event, version, isPrompt: model.isPrompt)
        }
        return message(of: event, model)
    }

    private func message(of event: Event, _ model: RegisteredModel) -> WebhookMessage? {
        let isPrompt = model.isPrompt
        let name = JSON.string(model.name)
        let key = event.data["key"] ?? ""
        switch event.kind {
        case "model.created":
            let data: JSON = ["name": name, "tags": .map(model.tags), "description": .string(model.description)]
            return WebhookMessage(isPrompt ? .promptCreated : .modelCreated, at: event.time, data: data)
        case "alias.moved":
            let data: JSON = [
                "name": name, "alias": event.data["alias"] ?? "",
                "version": .string(String(event.data["to"]?.integerValue ?? 0)),
            ]
            return WebhookMessage(isPrompt ? .promptAliasCreated : .aliasCreated, at: event.time, data: data)
        case "alias.removed":
            let data: JSON = ["name": name, "alias": event.data["alias"] ?? ""]
            return WebhookMessage(isPrompt ? .promptAliasDeleted : .aliasDeleted, at: event.time, data: data)
        case "model.tagged" where isPrompt:
            guard let tag = model.tags.first(where: { .string($0.key) == key }) else { return nil }
            let data: JSON = ["name": name, "key": key, "value": .string(tag.value)]
            return WebhookMessage(.promptTagSet, at: event.time, data: data)
        case "model.untagged" where isPrompt:
            return WebhookMessage(.promptTagDeleted, at: event.time, data: ["name": name, "key": key])
        default: return nil
        }
    }

    private func message(of event: Event, _ version: ModelVersion, isPrompt: Bool) -> WebhookMessage? {
        let name = JSON.string(version.name)
        let number = JSON.string(String(version.version))
        let key = event.data["key"] ?? ""
        switch event.kind {
        case "version.created" where isPrompt:
            let template = version.tags.first { $0.key == "mlflow.prompt.text" }?.value ?? ""
            let data: JSON = [
                "name": name, "version": number, "template": .string(template), "tags": .map(version.tags),
                "description": .string(version.description),
            ]
            return WebhookMessage(.promptVersionCreated, at: event.time, data: data)
        case "version.created":
            let data: JSON = [
                "name": name, "version": number, "source": .string(version.source),
                "run_id": version.runID.isEmpty ? .null : .string(version.runID), "tags": .map(version.tags),
                "description": .string(version.description),
            ]
            return WebhookMessage(.versionCreated, at: event.time, data: data)
        case "version.tagged":
            guard let tag = version.tags.first(where: { .string($0.key) == key }) else { return nil }
            let data: JSON = ["name": name, "version": number, "key": key, "value": .string(tag.value)]
            return WebhookMessage(isPrompt ? .promptVersionTagSet : .versionTagSet, at: event.time, data: data)
        case "version.untagged":
            let data: JSON = ["name": name, "version": number, "key": key]
            return WebhookMessage(isPrompt ? .promptVersionTagDeleted : .versionTagDeleted, at: event.time, data: data)
        default: return nil
        }
    }
}

extension JSON {
    fileprivate static func map(_ tags: [Tag]) -> JSON { .members(tags.map { ($0.key, .string($0.value)) }) }
}
