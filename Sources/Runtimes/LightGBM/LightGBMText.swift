import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The text of a LightGBM model, looked at before the library reads it.
///
/// The library trusts such texts: a truncated one ends the process (an exception leaves a parallel loop), one with wrong
/// indices makes predictions read where nothing is. So every tree is held to its own lengths here, and the sizes of trees
/// are left out, without which the library reads tree after tree and reports what it does not understand.
struct LightGBMText: Sendable {
    /// What the library is given.
    let text: String
    /// For each feature what the training data held: `[0:2]` for a range of numbers, `0:1:2` for categories.
    let featureInfos: [Substring]
    /// The categories of each feature that has them, as the Python package lists them at the end of the text.
    let categories: [JSON]
    /// Whether leaves hold linear models, whose indices are not looked at here.
    let isLinear: Bool

    /// Reads a model file. Blocks for milliseconds.
    /// - Throws: `RuntimeError` when it is not a whole model.
    init(path: String) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw RuntimeError.invalidInput("\(path) is not a LightGBM model: it is not a text.")
        }
        do {
            try self.init(text)
        } catch let problem as any Problem {
            throw RuntimeError.invalidInput("\(path) is not a LightGBM model: \(problem.message)")
        }
    }

    /// - Throws: `RuntimeError` when it is not a whole model.
    init(_ text: String) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "tree" else { throw RuntimeError.invalidInput("its first line is not 'tree'.") }
        guard let firstTree = lines.firstIndex(where: { $0.hasPrefix("Tree=") }),
            let end = lines[firstTree...].firstIndex(of: "end of trees")
        else { throw RuntimeError.invalidInput("it ends before its trees do.") }
        let header = Self.fields(lines[..<firstTree])
        guard let last = header["max_feature_idx"].flatMap({ Int($0) }), last >= 0, last < 1 << 20 else {
            throw RuntimeError.invalidInput("it does not say how many features it takes.")
        }
        var starts = lines[firstTree..<end].indices.filter { lines[$0].hasPrefix("Tree=") }
        let count = header["tree_sizes"]?.split(separator: " ").count ?? starts.count
        guard starts.count == count else {
            throw RuntimeError.invalidInput("it holds \(starts.count) trees of \(count).")
        }
        starts.append(end)
        for (start, next) in zip(starts, starts.dropFirst()) {
            try LightGBMTree(Self.fields(lines[start..<next])).check(name: lines[start], featureCount: last + 1)
        }
        featureInfos = header["feature_infos"]?.split(separator: " ") ?? []
        isLinear = lines[firstTree..<end].contains("is_linear=1")
        categories =
            try lines[end...].last { $0.hasPrefix("pandas_categorical:") }
            .map { try JSON.parse(String($0.dropFirst("pandas_categorical:".count))) }?.arrayValue ?? []
        lines.removeAll { $0.hasPrefix("tree_sizes=") }
        self.text = lines.joined(separator: "\n")
    }

    private static func fields(_ lines: ArraySlice<Substring>) -> [Substring: Substring] {
        Dictionary(
            lines.compactMap { line in
                line.firstIndex(of: "=").map { (line[..<$0], line[line.index(after: $0)...]) }
            }, uniquingKeysWith: { $1 })
    }
}

/// What a prediction walks along in a tree of a model text.
private struct LightGBMTree {
    private let fields: [Substring: Substring]

    init(_ fields: [Substring: Substring]) {
        self.fields = fields
    }

    /// - Throws: `RuntimeError` unless every step leads forwards, to a feature, a node or a leaf that is there.
    func check(name: Substring, featureCount: Int) throws {
        guard let leaves = integers("num_leaves").first, leaves >= 1, fits(leaves: leaves, featureCount: featureCount)
        else { throw RuntimeError.invalidInput("\(name) does not hold together.") }
    }

    private func fits(leaves: Int, featureCount: Int) -> Bool {
        guard count("leaf_value") == leaves else { return false }
        guard leaves > 1 else { return true }
        let nodes = leaves - 1
        let left = integers("left_child")
        let right = integers("right_child")
        let features = integers("split_feature")
        guard left.count == nodes, right.count == nodes, features.count == nodes, count("threshold") == nodes,
            count("decision_type") == nodes, features.allSatisfy({ 0..<featureCount ~= $0 })
        else { return false }
        let isForwards = (0..<nodes).allSatisfy { node in
            [left[node], right[node]].allSatisfy { child in
                child >= 0 ? child > node && child < nodes : ~child < leaves
            }
        }
        return isForwards && categoriesFit(nodes: nodes)
    }

    /// A split by categories has as its threshold the number of a set of bits.
    private func categoriesFit(nodes: Int) -> Bool {
        let kinds = integers("decision_type")
        guard kinds.count == nodes else { return false }
        let splits = (0..<nodes).filter { kinds[$0] & 1 == 1 }
        let boundaries = integers("cat_boundaries")
        let sets = integers("num_cat").first ?? 0
        guard sets > 0 || !splits.isEmpty else { return true }
        let thresholds = fields["threshold"]?.split(separator: " ") ?? []
        return boundaries.count == sets + 1 && boundaries.first == 0 && boundaries.last == count("cat_threshold")
            && zip(boundaries, boundaries.dropFirst()).allSatisfy(<=)
            && splits.allSatisfy { node in Int(thresholds[node]).map { 0..<sets ~= $0 } == true }
    }

    private func count(_ name: Substring) -> Int {
        fields[name]?.split(separator: " ").count ?? 0
    }

    private func integers(_ name: Substring) -> [Int] {
        fields[name]?.split(separator: " ").compactMap { Int($0) } ?? []
    }
}
