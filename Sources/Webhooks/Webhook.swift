import Tracking
package import Wire

/// What a webhook may be told of. The text is MLflow's entity and action with a dot between them.
package enum WebhookEvent: String, CaseIterable, Sendable {
    case modelCreated = "REGISTERED_MODEL.CREATED"
    case versionCreated = "MODEL_VERSION.CREATED"
    case versionTagSet = "MODEL_VERSION_TAG.SET"
    case versionTagDeleted = "MODEL_VERSION_TAG.DELETED"
    case aliasCreated = "MODEL_VERSION_ALIAS.CREATED"
    case aliasDeleted = "MODEL_VERSION_ALIAS.DELETED"
    case promptCreated = "PROMPT.CREATED"
    case promptVersionCreated = "PROMPT_VERSION.CREATED"
    case promptTagSet = "PROMPT_TAG.SET"
    case promptTagDeleted = "PROMPT_TAG.DELETED"
    case promptVersionTagSet = "PROMPT_VERSION_TAG.SET"
    case promptVersionTagDeleted = "PROMPT_VERSION_TAG.DELETED"
    case promptAliasCreated = "PROMPT_ALIAS.CREATED"
    case promptAliasDeleted = "PROMPT_ALIAS.DELETED"
    /// Of MLflow's gateway, which is not served here: it may be named, and never happens.
    case budgetExceeded = "BUDGET_POLICY.EXCEEDED"

    package var entity: String { String(rawValue.prefix { $0 != "." }) }
    package var action: String { String(rawValue.dropFirst(entity.count + 1)) }
}

extension WebhookEvent: JSONRepresentable {
    package var json: JSON { ["entity": .string(entity), "action": .string(action)] }
}

/// Somebody who wants to be told of changes to registered models, and where.
package struct Webhook: Sendable, Hashable {
    package enum Status: String, MLflowEnumeration, Sendable {
        case active = "ACTIVE"
        case disabled = "DISABLED"
    }

    /// A UUID.
    package let id: String
    package var name: String
    package var description: String?
    package var url: String
    /// At least one, none twice.
    package var events: [WebhookEvent]
    package var status: Status
    package let creationTime: Timestamp
    package var lastUpdateTime: Timestamp

    package static let maximumNameLength = 63

    /// - Throws: `FieldProblem` for a name that is not 1 to 63 letters, digits, dots, dashes and underscores between two
    ///   letters or digits.
    static func checkName(_ name: String) throws {
        guard name.count <= maximumNameLength,
            name.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?/) != nil
        else {
            throw FieldProblem(
                "Invalid value '\(name.cut(to: 80))' for parameter 'name' supplied: a webhook's name has 1 to "
                    + "\(maximumNameLength) letters, digits, dots, dashes and underscores, and begins and ends with a "
                    + "letter or digit.")
        }
    }
}

extension Webhook: JSONRepresentable {
    /// Without the secret, which is never told.
    package var json: JSON {
        .compact([
            "webhook_id": .string(id), "name": .string(name), "description": description.map(JSON.string),
            "url": .string(url), "events": .nonEmpty(events), "status": .string(status.rawValue),
            "creation_timestamp": creationTime.json, "last_updated_timestamp": lastUpdateTime.json,
        ])
    }
}

/// What to change of a webhook; nil leaves it as it is.
package struct WebhookChange: Sendable {
    package var name: String?
    package var description: String?
    package var url: String?
    package var events: [WebhookEvent]?
    package var status: Webhook.Status?
    /// An empty one means that deliveries are no longer signed.
    package var secret: String?

    package init() {}
}
