import Tracking
import Wire

// What the registry's requests and answers share on the wire.

extension Fields {
    /// The list of tags in a member.
    func tags(_ name: String) throws -> [Tag] {
        try objects(name).map { Tag(key: try $0.string("key"), value: try $0.optionalString("value") ?? "") }
    }

    /// The number of a model version, which travels as text.
    func version() throws -> Int64 {
        let text = try string("version")
        guard let version = Int64(text) else {
            throw FieldProblem("Parameter 'version' must be an integer, got '\(text.prefix(80))'.")
        }
        return version
    }

    /// - Throws: `FieldProblem` for a limit out of range or a bad token; `FilterProblem` with the place of what is wrong.
    func registryQuery(_ grammar: SearchGrammar, defaultLimit: Int, maximumLimit: Int) throws -> RegistryQuery {
        let limit = try optionalInteger("max_results").map(Int.init) ?? defaultLimit
        guard (1...maximumLimit).contains(limit) else {
            throw FieldProblem("Invalid value for parameter 'max_results': \(limit) is not from 1 to \(maximumLimit).")
        }
        let token = try optionalString("page_token").flatMap { $0.isEmpty ? nil : try PageToken($0) }
        return RegistryQuery(
            filter: try grammar.filter(try optionalString("filter")),
            orders: try grammar.orders(try strings("order_by")),
            limit: limit, offset: token?.offset ?? 0)
    }
}

extension Page {
    /// The page as MLflow writes lists: an empty one and an absent token are left out.
    func json(_ name: String, _ form: (Element) -> JSON) -> JSON {
        var members: [(String, JSON)] = []
        if !elements.isEmpty { members.append((name, .array(elements.map(form)))) }
        if let next { members.append(("next_page_token", .string(next.text))) }
        return .members(members)
    }
}
