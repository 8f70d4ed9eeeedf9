import Runtimes
import Web

/// What a model takes and gives, for people.
enum SignatureTable {
    /// A longer description is none.
    static let descriptionBytes = 1 << 20

    /// Of the text of a file `MLmodel`; nil when it says nothing of it.
    static func html(ofDescription text: String) -> HTML? {
        guard let signature = try? ModelFolder.signature(inDescription: text) else { return nil }
        let rows = rows("takes", signature.inputs) + rows("gives", signature.outputs)
        return rows.isEmpty ? nil : .table(["", "name", "type", "note"], named: "Signature", rows: rows)
    }

    private static func rows(_ side: String, _ fields: ModelSignature.Shape?) -> [[HTML]] {
        switch fields {
        case .columns(let columns):
            columns.map {
                ["\(side)", .name($0.name ?? "–"), "\($0.type.rawValue)", $0.isRequired ? "" : "may be missing"]
            }
        case .tensors(let tensors):
            tensors.map { tensor in
                let shape = tensor.shape.map { $0 < 0 ? "any" : "\($0)" }.joined(separator: " × ")
                return ["\(side)", .name(tensor.name ?? "–"), "\(tensor.type.rawValue)", "\(shape)"]
            }
        case .other, nil: []
        }
    }
}
