import Web

/// Where people look at what an event is about.
enum SubjectPage {
    /// - Parameter subject: as events name it, such as `models/churn/3`.
    /// - Returns: the path of its page; nil for what has none.
    static func path(of subject: String) -> String? {
        let parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, !parts[1].isEmpty else { return nil }
        let page = "/\(parts[0])/\(parts[1].queryEscaped)"
        switch parts[0] {
        case "experiments", "runs", "traces", "endpoints", "monitors", "incidents", "alerts", "batches", "webhooks":
            return page
        case "models":
            guard parts.count > 2, Int(parts[2]) != nil else { return page }
            return "\(page)/versions/\(parts[2])"
        case "logged-models": return "\(page)/artifacts"
        case "channels": return "/channels"
        default: return nil
        }
    }
}
