/// What may be searched and sorted in one kind of list, and under which names. The syntax is the same for all; this is
/// the vocabulary.
package struct SearchGrammar: Sendable {
    /// What a field may be compared with, and how.
    package struct Rule: Sendable {
        package enum Kind: Sendable {
            case number
            case wholeNumber
            /// A number that may also stand in quotes, such as a model version.
            case quotableWholeNumber
            case text
            /// Text that may also stand without quotes.
            case looseText
            /// Text, and a number where it is compared by size.
            case textOrNumber
            /// Text that must be a decimal integer, such as an experiment's id.
            case integerText
        }

        let kind: Kind
        package let comparisons: Set<SearchFilter.Comparison>

        package init(_ kind: Kind, _ comparisons: Set<SearchFilter.Comparison>) {
            self.kind = kind
            self.comparisons = comparisons
        }

        package static let number = Rule(
            .number, [.equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual, .between])
        package static let wholeNumber = Rule(.wholeNumber, number.comparisons)
        package static let text = Rule(.text, [.equal, .notEqual, .like, .ilike, .in, .notIn])
        package static let optionalText = Rule(.text, text.comparisons.union([.isNull, .isNotNull]))
    }

    /// The keys that an entity has.
    package enum Keys: Sendable {
        /// Any, all of one rule.
        case any(Rule)
        /// These spellings, each with the canonical name.
        case known([String: (name: String, rule: Rule)])
        /// These spellings, and any key that begins with one of some prefixes.
        case knownOrPrefixed([String: (name: String, rule: Rule)], prefixes: [String], Rule)
    }

    /// Prefixes before the dot, each with the entity they mean. A word without a dot is an attribute.
    let prefixes: [String: SearchField.Entity]
    let keys: [SearchField.Entity: Keys]
    /// Spellings of attributes to sort by, each with the canonical name.
    let sortable: [String: String]
    /// The entities with free keys to sort by.
    let sortableEntities: Set<SearchField.Entity>
    /// Whether LIKE and the like may be written in small letters.
    let anyCaseKeywords: Bool
    let valueQuotes: Set<Character>

    /// How many items an ordering may have.
    package static let maximumOrders = 16

    package init(
        prefixes: [String: SearchField.Entity], keys: [SearchField.Entity: Keys], sortable: [String: String],
        sortableEntities: Set<SearchField.Entity> = [], anyCaseKeywords: Bool = true,
        valueQuotes: Set<Character> = ["'", "\""]
    ) {
        self.prefixes = prefixes
        self.keys = keys
        self.sortable = sortable
        self.sortableEntities = sortableEntities
        self.anyCaseKeywords = anyCaseKeywords
        self.valueQuotes = valueQuotes
    }

    /// The filter that a text means; an empty text means everything.
    /// - Throws: `FilterProblem` with the place of what is wrong.
    package func filter(_ text: String?) throws -> SearchFilter {
        guard let text, !text.isEmpty else { return .everything }
        var parser = FilterParser(grammar: self, tokens: try FilterLexer.tokens(of: text))
        return try parser.filter()
    }

    /// The orderings that `order_by` means.
    /// - Throws: `FilterProblem` with the place of what is wrong; the same field twice is wrong too, and more items than
    ///   anybody sorts by.
    package func orders(_ texts: [String]) throws -> [SearchOrder] {
        guard texts.count <= Self.maximumOrders else {
            throw FilterProblem(
                "'order_by' has \(texts.count) items, more than \(Self.maximumOrders)", at: 1, of: "order_by")
        }
        var orders: [SearchOrder] = []
        for text in texts {
            let order = try order(text)
            guard !orders.contains(where: { $0.field == order.field }) else {
                throw FilterProblem("'order_by' contains the field '\(text.cut(to: 80))' twice", at: 1, of: "order_by")
            }
            orders.append(order)
        }
        return orders
    }

    private func order(_ text: String) throws(FilterProblem) -> SearchOrder {
        do {
            var parser = FilterParser(grammar: self, tokens: try FilterLexer.tokens(of: text))
            return try parser.order()
        } catch {
            throw error.of("order_by")
        }
    }
}
