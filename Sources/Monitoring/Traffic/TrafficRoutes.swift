import Incidents
package import Manifests
package import Web
import Wire

/// What was counted of a monitor's traffic, by minute, hour and day, whole or by slice.
package struct TrafficRoutes: Sendable {
    private let manifests: ManifestStore
    private let windows: WindowStore

    package init(manifests: ManifestStore, windows: WindowStore) {
        self.manifests = manifests
        self.windows = windows
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/monitors/{name}/traffic", .read("monitors"), traffic)
        routes.get("/api/v1/monitors/{name}/traffic/slices", .read("monitors"), slices)
        routes.page("/monitors/{name}/traffic", .read("monitors"), page)
    }

    /// The longest answer, in stretches.
    private static let stretchLimit = 1_500

    /// `from` and `to` (milliseconds since 1970 or RFC 3339; by default the last hour), `by` (`minute`, `hour`, `day`, or
    /// `merged` for all together), `variant`, `model`, `version`, `segment`.
    private func traffic(_ call: Call) async throws -> Reply {
        let name = try await monitor(call)
        let fields = try call.queryFields()
        let to = try fields.moment("to") ?? call.time
        let from = try fields.moment("from") ?? to + .seconds(-3_600)
        guard from < to else { throw FieldProblem("Parameter 'from' must lie before 'to'.") }
        guard to <= from + WindowPolicy.daysKept else {
            let days = WindowPolicy.daysKept.components.seconds / 86_400
            throw FieldProblem("From 'from' to 'to' there may be \(days) days: longer nothing is kept.")
        }
        let slice = TrafficSlice(
            variant: try fields.optionalString("variant"), model: try fields.optionalString("model"),
            version: try fields.optionalInteger("version").map { Int($0) },
            segment: try fields.optionalString("segment"))
        let by = try fields.optionalString("by") ?? "minute"
        if by == "merged" {
            let record = try await windows.merged(monitor: name, slice: slice, from: from, to: to) ?? WindowRecord()
            return .json(["start": from.json, "end": to.json, "traffic": record.summary])
        }
        let spans: [String: WindowSpan] = ["minute": .minute, "hour": .hour, "day": .day]
        guard let span = spans[by] else {
            throw FieldProblem("Parameter 'by' must be one of minute, hour, day, merged, not '\(by.prefix(40))'.")
        }
        let stretches = (to.milliseconds - from.milliseconds) / Int64(60_000 * span.minutes)
        guard stretches <= Int64(Self.stretchLimit) else {
            throw FieldProblem("There would be \(stretches) stretches; ask for at most \(Self.stretchLimit).")
        }
        let series = try await windows.series(monitor: name, slice: slice, from: from, to: to, by: span)
        return .json([
            "by": .string(by),
            "traffic": .array(
                series.map { start, record in
                    .members([("start", start.json)] + (record.summary.memberList ?? []).map { ($0.key, $0.value) })
                }),
        ])
    }

    /// `range` (hour, day, week, month), or `from` and `to`; or `by` (minute, hour or day; minute by default), the newest so many.
    private func page(_ call: Call) async throws -> Web.Page {
        let monitor = try Monitor(
            try await manifests.manifest(kind: Monitor.kind.name, name: try call.path("name")))
        let span = try WindowSpan(named: call.query("by") ?? WindowSpan.minute.name)
        let range = try TimeRange(call.queryFields(), now: call.time)
        let view =
            if let moments = range.moments {
                try await TrafficView(of: monitor.name, in: moments, windows)
            } else {
                try await TrafficView(of: monitor.name, by: span, in: windows, to: call.time)
            }
        return TrafficPage(view: view, monitor: monitor, range: range, now: call.time).page
    }

    /// The lanes and segments that were counted.
    private func slices(_ call: Call) async throws -> Reply {
        let slices = try await windows.slices(monitor: try await monitor(call))
        return .json(["slices": .array(slices.map(\.json))])
    }

    /// - Throws: `ManifestError` 404 when there is none.
    private func monitor(_ call: Call) async throws -> String {
        try await manifests.manifest(kind: Monitor.kind.name, name: try call.path("name")).name
    }
}
