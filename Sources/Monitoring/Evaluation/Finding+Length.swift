package import Incidents
import Wire

extension Finding {
    /// The finding, which says of what length the window is that it was found in where that is not the monitor's own.
    package func of(_ length: WindowLength) -> Finding {
        guard length != .window else { return self }
        var finding = self
        finding.words = "Over the \(length.rawValue): \(words)"
        finding.details = .members(
            (details.memberList ?? []).map { ($0.key, $0.value) } + [("length", .string(length.rawValue))])
        return finding
    }
}
