// Items of an ordering.

extension FilterParser {
    mutating func order() throws(FilterProblem) -> SearchOrder {
        guard !tokens.isEmpty else {
            throw FilterProblem("Invalid order_by clause: it is blank and could not be parsed", at: 1)
        }
        let name = try orderName()
        let field = try sortable(name)
        let direction = take()
        guard direction == nil || direction?.keyword == "ASC" || direction?.keyword == "DESC" else {
            throw FilterProblem(
                "Invalid ordering key in order_by clause: after '\(name.key)' comes ASC, DESC or nothing",
                at: direction?.position ?? endPosition)
        }
        if let surplus = current {
            throw FilterProblem(
                "Invalid order_by clause: '\(surplus.description)' is too much", at: surplus.position,
                hint: "Each item of order_by has one field.")
        }
        return SearchOrder(field, isAscending: direction?.keyword != "DESC")
    }

    /// A name, which here may stand in backticks as a whole: `` `metrics.a b` ``.
    private mutating func orderName() throws(FilterProblem) -> Name {
        let isWhole = if case .quoted(_, by: "`") = current?.kind { true } else { false }
        let name = try name()
        guard isWhole, let dot = name.key.firstIndex(of: ".") else { return name }
        let key = name.key
        return Name(
            function: nil, prefix: String(key[..<dot]), key: String(key[key.index(after: dot)...]),
            position: name.position)
    }

    private func sortable(_ name: Name) throws(FilterProblem) -> SearchField {
        let entity = try entity(name)
        if grammar.sortableEntities.contains(entity) { return field(entity, name) }
        guard entity == .attribute else {
            throw FilterProblem("Invalid order_by entity: \(entity.rawValue)", at: name.position)
        }
        guard let canonical = grammar.sortable[name.key] else {
            let known = Set(grammar.sortable.values).sorted().joined(separator: ", ")
            throw FilterProblem(
                "Invalid attribute key '\(name.key)' specified. Valid keys are \(known)", at: name.position)
        }
        return SearchField(.attribute, canonical)
    }
}
