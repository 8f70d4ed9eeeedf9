import Runtimes
import Wire

/// The OpenAPI document of an endpoint, from the signature of the model that answers at this moment.
/// https://spec.openapis.org/oas/v3.1.0
struct EndpointDescription {
    let endpoint: String
    let version: ServedVersion
    let signature: ModelSignature?
    /// A body of `/invocations` that the model's author kept with it.
    let example: JSON?

    var json: JSON {
        let info: JSON = [
            "title": .string(endpoint), "version": .string(version.label),
            "description": .string("Predictions of \(version.label), which the endpoint serves at this moment."),
        ]
        let operations: [(String, JSON)] = [
            ("/endpoints/\(endpoint)/invocations", ["post": invocations]),
            ("/endpoints/\(endpoint)/stream", ["post": stream]),
            ("/v2/models/\(endpoint)/infer", ["post": infer]),
        ]
        let paths = JSON.members(operations)
        let schemes: JSON = [
            "token": ["type": "http", "scheme": "bearer"], "password": ["type": "http", "scheme": "basic"],
        ]
        let components: JSON = ["schemas": schemas, "securitySchemes": schemes]
        // A server without a token takes requests that bring none.
        let security: JSON = [["token": []], ["password": []], [:]]
        return ["openapi": "3.1.0", "info": info, "paths": paths, "components": components, "security": security]
    }

    private var schemas: JSON {
        let schema = SignatureSchema(signature: signature)
        let predictions: JSON = [
            "type": "object", "properties": ["predictions": schema.predictions], "required": ["predictions"],
        ]
        let problem = Self.object(["error_code": "string", "message": "string", "request_id": "string"])
        return [
            "Record": schema.record, "Parameters": schema.parameters, "Invocation": schema.invocation,
            "Predictions": predictions, "Problem": problem, "InferenceProblem": Self.object(["error": "string"]),
            "Tensor": Self.tensor,
        ]
    }

    // MARK: Paths

    private var invocations: JSON {
        let body: JSON = .compact(["schema": SignatureSchema.reference("Invocation"), "example": example])
        return [
            "operationId": "invoke", "summary": "Predict, in MLflow's protocol",
            "requestBody": [
                "required": true,
                "content": ["application/json": body, "text/csv": ["schema": ["type": "string"]]],
            ],
            "responses": Self.responses("Predictions", problem: "Problem"),
        ]
    }

    private var stream: JSON {
        let lines: JSON = ["application/x-ndjson": ["schema": ["type": "string"]]]
        return [
            "operationId": "stream",
            "summary": "Predict line by line: a record or a body of /invocations in each, an answer for each in order",
            "requestBody": ["required": true, "content": lines],
            "responses": ["200": ["description": "A line for each line.", "content": lines]],
        ]
    }

    private var infer: JSON {
        let tensors: JSON = ["type": "array", "items": SignatureSchema.reference("Tensor")]
        let outputs: JSON = ["type": "array", "items": Self.object(["name": "string"])]
        let asked: JSON = [
            "id": ["type": "string"], "parameters": ["type": "object"], "inputs": tensors, "outputs": outputs,
        ]
        let request: JSON = ["type": "object", "properties": asked, "required": ["inputs"]]
        let answered: JSON = [
            "model_name": ["type": "string"], "model_version": ["type": "string"], "id": ["type": "string"],
            "outputs": tensors,
        ]
        let answer: JSON = ["type": "object", "properties": answered, "required": ["model_name", "outputs"]]
        return [
            "operationId": "infer", "summary": "Predict, in the Open Inference Protocol",
            "requestBody": ["required": true, "content": ["application/json": ["schema": request]]],
            "responses": Self.responses(answer, problem: "InferenceProblem"),
        ]
    }

    // MARK: Parts

    private static func responses(_ name: String, problem: String) -> JSON {
        responses(SignatureSchema.reference(name), problem: problem)
    }

    private static func responses(_ answer: JSON, problem: String) -> JSON {
        let failures = [
            ("400", "The input is not what the model takes; the message says where."),
            ("404", "There is no such endpoint, or no such version."),
            ("413", "The body is too large."), ("429", "Too many requests; Retry-After says when to try again."),
            ("503", "Nothing can answer at the moment; Retry-After says when to try again."),
            ("504", "The model did not answer in time."),
        ]
        let content: JSON = ["application/json": ["schema": SignatureSchema.reference(problem)]]
        let refused = failures.map { status, words -> (String, JSON) in
            (status, ["description": .string(words), "content": content])
        }
        let good: JSON = ["description": "The predictions.", "content": ["application/json": ["schema": answer]]]
        return .members([("200", good)] + refused)
    }

    private static func object(_ members: KeyValuePairs<String, String>) -> JSON {
        let properties = members.map { name, type -> (String, JSON) in (name, ["type": .string(type)]) }
        return ["type": "object", "properties": .members(properties)]
    }

    private static var tensor: JSON {
        let properties: JSON = [
            "name": ["type": "string"], "datatype": ["enum": .strings(Datatype.allCases.map(\.rawValue))],
            "shape": ["type": "array", "items": ["type": "integer"]], "data": ["type": "array"],
            "parameters": ["type": "object"],
        ]
        return ["type": "object", "properties": properties, "required": ["name", "datatype", "shape"]]
    }
}
