import NIOCore
import Predictions
import Runtimes
import Wire

/// An answer of the Open Inference Protocol: JSON, and the raw data of the outputs for which that is wanted.
struct InferenceAnswer {
    let json: [UInt8]
    /// Nil when all is in the JSON.
    let raw: ByteBuffer?

    /// - Throws: `ServingError` 400 when an output is asked for that the model does not give.
    init(_ answer: Predictor.Answer, endpoint: String, to request: InferenceRequest) throws {
        let all = AnswerTensor.all(of: answer.output, names: answer.signature?.outputs?.names ?? [])
        let wanted = try Self.wanted(all, request)
        let blobs = wanted.map { $0.isBinary ? $0.tensor.raw : nil }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("model_name", endpoint)
            writer.member("model_version", String(answer.version.version))
            if let id = request.id ?? answer.id?.text { writer.member("id", id) }
            writer.name("outputs")
            writer.array(Array(zip(wanted, blobs))) { writer, output in
                output.0.tensor.write(into: &writer, rawBytes: output.1?.readableBytes)
            }
        }
        json = writer.bytes
        let data = blobs.compactMap(\.self)
        raw = data.isEmpty ? nil : data.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    private static func wanted(
        _ all: [AnswerTensor], _ request: InferenceRequest
    ) throws -> [(tensor: AnswerTensor, isBinary: Bool)] {
        guard !request.outputs.isEmpty else { return all.map { ($0, request.wantsBinary) } }
        return try request.outputs.map { output in
            guard let tensor = all.first(where: { $0.name == output.name }) else {
                let names = all.map { "'\($0.name)'" }.joined(separator: ", ")
                throw ServingError(
                    .invalidParameterValue, "The model has no output '\(output.name)'.", hint: "It gives \(names).")
            }
            let shown = try output.classes.map(tensor.classification) ?? tensor
            return (shown, output.isBinary ?? request.wantsBinary)
        }
    }
}
