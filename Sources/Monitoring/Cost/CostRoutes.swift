import Incidents
package import Web
import Wire

/// What predictions cost.
package struct CostRoutes: Sendable {
    private let desk: CostDesk
    private let sampler: CostSampler
    private let board: MonitorBoard

    package init(desk: CostDesk, sampler: CostSampler, board: MonitorBoard) {
        self.desk = desk
        self.sampler = sampler
        self.board = board
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/cost", .read("monitors"), show)
        routes.get("/api/v1/monitors/{name}/cost", .read("monitors"), monitor)
    }

    /// `minutes` (1–43200, default 60): what the server and the workers of each model took, and how full the disk is.
    private func show(_ call: Call) async throws -> Reply {
        let minutes = try Self.minutes(call)
        let records = try await desk.records(minutes: minutes)
        let state = await sampler.state
        let subjects = records.sorted { $0.key.text < $1.key.text }.map { subject, record in
            JSON.members(
                [("subject", .string(subject.text))] + (record.json.memberList ?? []).map { ($0.key, $0.value) })
        }
        let unavailable = (state?.reading.unavailable ?? [:]).sorted { $0.key < $1.key }
        return .json(
            .compact([
                "minutes": .integer(Int64(minutes)), "subjects": .array(subjects),
                "disk": try await desk.disk()?.json,
                "disk_used_bytes": state?.reading.disk.map { .integer($0.usedBytes) },
                "disk_total_bytes": state?.reading.disk.map { .integer($0.totalBytes) },
                "unavailable": .members(unavailable.map { ($0.key, .string($0.value)) }),
            ]))
    }

    /// What the predictions of a monitor's last window cost, by the prices of its manifest.
    private func monitor(_ call: Call) async throws -> Reply {
        .json(try await desk.cost(of: try await board.status(of: try call.path("name")), counted: board.windows))
    }

    private static func minutes(_ call: Call) throws -> Int {
        let minutes = try call.integerQuery("minutes") ?? 60
        guard (1...43_200).contains(minutes) else {
            throw FieldProblem("Parameter 'minutes' must be between 1 and 43200.")
        }
        return minutes
    }
}
