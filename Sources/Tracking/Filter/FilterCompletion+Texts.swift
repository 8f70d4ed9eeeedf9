// What may come next, spelt out.

extension FilterCompletion {
    /// The words that a key must hold to go on from what was begun; none when no key is asked for.
    var begunWords: [String] {
        guard expected == .name else { return [] }
        let name = begun.split(separator: "(").last.map(String.init) ?? begun
        guard let dot = name.firstIndex(of: ".") else { return name.isEmpty ? [] : [name] }
        // All keys of a kind fit behind its dot.
        return [String(name[name.index(after: dot)...].drop { "`'\"".contains($0) })]
    }

    /// Which kinds of keys fit what was begun.
    var kinds: [KeyStore.Kind] {
        guard let dot = begun.firstIndex(of: "."), let entity = SearchGrammar.runs.prefixes[String(begun[..<dot])]
        else {
            return KeyStore.Kind.allCases
        }
        return KeyStore.Kind.allCases.filter { $0.entity == entity }
    }

    /// The texts that may stand in the place of what was begun.
    /// - Parameter keys: those that hold it.
    func texts(_ keys: [RunColumn]) -> [String] {
        switch expected {
        case .name:
            let attributes = Set(SearchGrammar.runs.sortable.values).sorted()
            let isBehindDot = begun.contains(".")
            let begins = begun.lowercased()
            let words = attributes + ["metrics.", "params.", "tags.", "best(metrics."]
            return keys.map(\.text) + (isBehindDot ? [] : words.filter { $0.hasPrefix(begins) })
        case .comparison(let field): return comparisons(of: field).filter { $0.hasPrefix(begun.uppercased()) }
        case .value(let field):
            guard field == SearchField(.attribute, "status") else { return [] }
            return RunStatus.allCases.map(\.rawValue).filter { $0.hasPrefix(begun.uppercased()) }.map { "'\($0)'" }
        case .junction(let isOpen):
            return ((isOpen ? [")"] : []) + ["AND", "OR"]).filter { $0.hasPrefix(begun.uppercased()) }
        }
    }

    private func comparisons(of field: SearchField) -> [String] {
        let rule: SearchGrammar.Rule? =
            switch SearchGrammar.runs.keys[field.entity] {
            case .any(let rule): rule
            case .known(let names), .knownOrPrefixed(let names, _, _): names[field.key]?.rule
            case nil: nil
            }
        return SearchFilter.Comparison.allCases.filter { rule?.comparisons.contains($0) == true }.map(\.rawValue)
    }
}
