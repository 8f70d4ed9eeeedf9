// Lists in one text, as an address has them: `metrics.auc DESC, params.depth`.

extension SearchGrammar {
    /// The orderings of a list; an empty text has none.
    /// - Throws: `FilterProblem` with the place in the whole list.
    package func orders(inList text: String) throws -> [SearchOrder] {
        let orders = try items(of: text, as: "order_by") { parser throws(FilterProblem) in try parser.order() }
        try Self.requireUnique(orders.map { ($0.value.field, $0.position) }, as: "order_by", most: Self.maximumOrders)
        return orders.map(\.value)
    }

    /// Reads each item of a list.
    /// - Parameter subject: what the list is, for messages.
    func items<Item>(
        of text: String, as subject: String, _ read: (inout FilterParser) throws(FilterProblem) -> Item
    ) throws -> [(value: Item, position: Int)] {
        do throws(FilterProblem) {
            let tokens = try FilterLexer.tokens(of: text)
            guard !tokens.isEmpty else { return [] }
            var items: [(Item, Int)] = []
            for part in tokens.split(separator: .symbol(","), omittingEmptySubsequences: false) {
                guard let first = part.first else {
                    let comma = part.startIndex < tokens.count ? tokens[part.startIndex] : tokens[tokens.count - 1]
                    throw FilterProblem("A name is missing beside this comma", at: comma.position)
                }
                var parser = FilterParser(grammar: self, tokens: Array(part))
                items.append((try read(&parser), first.position))
            }
            return items
        } catch {
            throw error.of(subject)
        }
    }

    /// - Throws: `FilterProblem` when something is in a list twice, or when there are more than anybody needs.
    static func requireUnique(
        _ items: [(value: some Hashable, position: Int)], as subject: String, most: Int
    ) throws(FilterProblem) {
        guard items.count <= most else {
            throw FilterProblem(
                "'\(subject)' has \(items.count) items, more than \(most)", at: items[most].position, of: subject)
        }
        var seen: Set<AnyHashable> = []
        for item in items where !seen.insert(AnyHashable(item.value)).inserted {
            throw FilterProblem("This is in '\(subject)' twice", at: item.position, of: subject)
        }
    }
}

extension [FilterToken] {
    fileprivate func split(
        separator: FilterToken.Kind, omittingEmptySubsequences: Bool
    ) -> [ArraySlice<FilterToken>] {
        split(omittingEmptySubsequences: omittingEmptySubsequences) { $0.kind == separator }
    }
}
