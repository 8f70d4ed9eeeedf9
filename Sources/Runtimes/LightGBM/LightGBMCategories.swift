import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How texts and other categories become the numbers that a LightGBM model was trained on: the index in the list of
/// categories which the Python package writes at the end of the model's text. What is not in the list is missing.
struct LightGBMCategories: Sendable {
    /// For each feature that is a category, by position, the code of each of its values.
    let codes: [Int: [JSON: Double]]

    static let none = LightGBMCategories(codes: [:])

    /// Reads the categories of a model text. Blocks.
    /// - Returns: nil when the text does not say which features its categories belong to.
    init?(modelPath: String, columns: [ColumnSpec]) throws {
        let text = try String(contentsOfFile: modelPath, encoding: .utf8)
        let lines = text.split(separator: "\n")
        let lists =
            try lines.last { $0.hasPrefix("pandas_categorical:") }
            .map { try JSON.parse(String($0.dropFirst("pandas_categorical:".count))) }?.arrayValue ?? []
        let texts = columns.indices.filter { columns[$0].type == .string }
        guard !lists.isEmpty else {
            // A text column without categories cannot become a number.
            guard texts.isEmpty else { return nil }
            self = .none
            return
        }
        let infos =
            lines.first { $0.hasPrefix("feature_infos=") }
            .map { $0.dropFirst("feature_infos=".count).split(separator: " ") } ?? []
        // A category lists its codes as `0:1:2`, a number its range as `[0:2]`.
        let marked = infos.indices.filter { !infos[$0].hasPrefix("[") && infos[$0] != "none" }
        guard let features = [marked, texts].first(where: { $0.count == lists.count }),
            Set(texts).isSubset(of: features)
        else { return nil }
        codes = Dictionary(
            uniqueKeysWithValues: zip(features, lists).map { feature, list in
                (feature, Self.codes(of: list.arrayValue ?? []))
            })
    }

    private init(codes: [Int: [JSON: Double]]) {
        self.codes = codes
    }

    /// The code of a cell; NaN for a value that the model has not seen.
    func code(of cell: JSON, feature: Int) -> Double? {
        codes[feature].map { $0[Self.key(cell)] ?? .nan }
    }

    private static func codes(of categories: [JSON]) -> [JSON: Double] {
        Dictionary(
            categories.enumerated().map { index, category in (key(category), Double(index)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// 1 and 1.0 are the same category.
    private static func key(_ cell: JSON) -> JSON {
        cell.doubleValue.map(JSON.double) ?? cell
    }
}
