package import Wire

extension ColumnAnchors {
    /// More cells than anchors ever have.
    private static let cellLimit = 4_096

    package var json: JSON {
        switch self {
        case .numeric(let anchors):
            [
                "kind": "numeric", "discrete": .bool(anchors.isDiscrete),
                "cuts": .array(anchors.cuts.map { .double($0) }),
            ]
        case .categorical(let anchors): ["kind": "categorical", "names": .strings(anchors.names)]
        }
    }

    /// - Throws: `FieldProblem` when the JSON is not that of anchors.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard try fields.string("kind") == "numeric" else {
            let names = try fields.strings("names")
            guard names.count <= Self.cellLimit, Set(names).count == names.count else {
                throw FieldProblem("A column has more than \(Self.cellLimit) names, or one twice.")
            }
            self = .categorical(names: names)
            return
        }
        let cuts = try fields.array("cuts").map { $0.doubleValue ?? .nan }
        guard cuts.count <= Self.cellLimit, zip(cuts, cuts.dropFirst()).allSatisfy({ $0 < $1 }),
            cuts.allSatisfy(\.isFinite)
        else {
            throw FieldProblem("The cuts of a column do not ascend, or are more than \(Self.cellLimit).")
        }
        self = .numeric(NumericAnchors(cuts: cuts, isDiscrete: try fields.optionalBool("discrete") ?? false))
    }
}
