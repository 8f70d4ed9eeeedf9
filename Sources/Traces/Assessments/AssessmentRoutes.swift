import Tracking
import Web
import Wire

/// MLflow's REST API of what people and judges hold of traces.
struct AssessmentRoutes: Sendable {
    let store: TraceStore

    func routes(into routes: inout Routes) {
        routes.mlflow3.post("traces/{trace_id}/assessments", .write("traces"), create)
        let one = "traces/{trace_id}/assessments/{assessment_id}"
        routes.mlflow3.get(one, .read("traces"), get)
        routes.mlflow3.patch(one, .write("traces"), change)
        routes.mlflow3.delete(one, .write("traces"), delete)
    }

    private func create(_ call: Call) async throws -> Reply {
        let new = try NewAssessment(await call.fields().object("assessment"))
        let assessment = try await store.assess(call.path("trace_id"), as: new, by: call.principal.name)
        return .json(["assessment": assessment.json])
    }

    private func get(_ call: Call) async throws -> Reply {
        let assessment = try await store.assessment(call.path("assessment_id"), of: call.path("trace_id"))
        return .json(["assessment": assessment.json])
    }

    private func change(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let change = try AssessmentChange(fields.object("assessment"), mask: fields.string("update_mask"))
        let assessment = try await store.change(
            call.path("assessment_id"), of: call.path("trace_id"), change, by: call.principal.name)
        return .json(["assessment": assessment.json])
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.deleteAssessment(
            call.path("assessment_id"), of: call.path("trace_id"), by: call.principal.name)
        return .empty
    }
}
