import Runtimes
import Wire

/// A request for predictions as it was sent, in whatever protocol. What it means depends on the model that will answer,
/// which may depend on whom it is about.
protocol SentInput: Sendable {
    /// Whom the request is about: the value that all its rows have under `key`, as text.
    /// - Returns: nil when there is no such column.
    /// - Throws: `ServingError` 400 when rows are about different units, which may belong to different variants.
    func unit(named key: String) throws -> String?

    /// Takes the request apart as the model that will answer wants it.
    /// - Throws: a problem with a 4xx code for what the model does not take.
    func request(for signature: ModelSignature?, version: ServedVersion) throws -> PredictionRequest
}

/// To whom a request goes, and on whose behalf.
struct Ask: Sendable {
    let endpoint: LiveEndpoint
    var choice = VariantChoice.assigned
    /// Whom it is about, when that is said beside the input.
    var unit: String?
    /// The principal's name.
    let caller: String
    /// What its answer carries as `X-Request-Id`.
    let request: String
}
