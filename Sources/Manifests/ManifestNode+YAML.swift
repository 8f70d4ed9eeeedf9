import Wire
import YAML
import Yams

extension ManifestNode {
    /// The most values that one text may hold, aliases counted each time: a few lines of nested aliases would otherwise
    /// stand for billions.
    private static let maximumCount = 100_000
    private static let maximumDepth = 64

    /// Reads the documents of a YAML text. Only `true` and `false` are booleans, so that `no` and `on` stay words.
    /// - Throws: `ManifestError` or `YAMLKeyProblem` with line and column.
    static func documents(inYAML text: String) throws -> [ManifestNode] {
        do {
            var count = 0
            let documents = try YAMLText.documents(of: text).map { node in
                try ManifestNode(node, path: "", depth: 0, count: &count)
            }
            // Between two separators there may be nothing.
            return documents.filter { $0.json != .null }
        } catch let error as YamlError {
            throw ManifestError(
                .invalidParameterValue, "The manifest is not YAML: \(error.summary)", at: error.place)
        }
    }

    private init(_ node: Node, path: String, depth: Int, count: inout Int) throws {
        let place = ManifestPlace(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, path: path)
        count += 1
        guard count <= Self.maximumCount, depth <= Self.maximumDepth else {
            throw ManifestError(
                at: place, "the manifest holds more than \(Self.maximumCount) values or nests too deeply")
        }
        self.place = place
        switch node {
        case .scalar(let scalar): value = .scalar(Self.scalar(scalar))
        case .sequence(let sequence):
            value = .list(
                try sequence.enumerated().map { index, element in
                    try ManifestNode(element, path: "\(path)[\(index)]", depth: depth + 1, count: &count)
                })
        case .mapping(let mapping):
            value = .mapping(
                try mapping.map { key, element in
                    guard let name = key.scalar?.string else {
                        throw ManifestError(at: place, "a key must be a word")
                    }
                    let keyPath = path.isEmpty ? name : "\(path).\(name)"
                    return Entry(
                        key: name,
                        place: ManifestPlace(
                            line: key.mark?.line ?? place.line, column: key.mark?.column ?? place.column, path: keyPath),
                        value: try ManifestNode(element, path: keyPath, depth: depth + 1, count: &count))
                })
        case .alias: throw ManifestError(at: place, "an alias names an anchor that is not there")
        }
    }

    /// A quoted scalar is text; a plain one is what it looks like.
    private static func scalar(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null": return .null
        case "true": return true
        case "false": return false
        default: break
        }
        if let integer = Int64(scalar.string) { return .integer(integer) }
        // `Double` also reads words such as "inf" and "nan", which are names here.
        let isNumeric = scalar.string.utf8.first.map { $0 < UInt8(ascii: "A") } ?? false
        if isNumeric, let double = Double(scalar.string), double.isFinite { return .double(double) }
        return .string(scalar.string)
    }
}

extension YamlError {
    fileprivate var place: ManifestPlace? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            ManifestPlace(line: mark.line, column: mark.column, path: "")
        case .duplicatedKeysInMapping(_, let context):
            ManifestPlace(line: context.mark.line, column: context.mark.column, path: "")
        default: nil
        }
    }

    /// One line: where and what.
    fileprivate var summary: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)."
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): the key '\(duplicates.joined(separator: "', '"))' occurs twice."
        default: "\(self)"
        }
    }
}
