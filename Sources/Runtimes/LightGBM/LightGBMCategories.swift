import Wire

/// How texts and other categories become the numbers that a LightGBM model was trained on: the index in the list of
/// categories which the Python package writes at the end of the model's text. What is not in the list is missing.
struct LightGBMCategories: Sendable {
    /// For each feature that is a category, by position, the code of each of its values.
    let codes: [Int: [JSON: Double]]

    static let none = LightGBMCategories(codes: [:])

    /// - Returns: nil when the text does not say which features its categories belong to.
    init?(text: LightGBMText, columns: [ColumnSpec]) {
        let lists = text.categories
        let texts = columns.indices.filter { columns[$0].type == .string }
        guard !lists.isEmpty else {
            // A text column without categories cannot become a number.
            guard texts.isEmpty else { return nil }
            self = .none
            return
        }
        let infos = text.featureInfos
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
