import NIOHTTP1
import OrderedCollections
import TestSupport
import Wire

/// Makes scripts: calls that mostly make sense after those before them, in some share wrong.
struct RandomScript {
    var random: SeededNumbers
    /// Whether only what MLflow has too is called, and nothing that is left to chance there, such as the order of equals.
    let isPlain: Bool
    private(set) var calls: [ScriptedCall] = []

    // What calls before may have made, by symbol or by name.
    var experiments = ["0"]
    var runs: [String] = []
    var loggedModels: [String] = []
    var assessments: [String] = []
    var evaluationDatasets: [String] = []

    /// Answers to seeds do not depend on each other.
    init(seed: UInt64, isPlain: Bool = false) {
        random = SeededNumbers(seed: seed)
        self.isPlain = isPlain
    }

    mutating func script(of count: Int) -> [ScriptedCall] {
        while calls.count < count { next() }
        return calls
    }

    /// The number of the call that is added next.
    var number: Int { calls.count }

    private mutating func next() {
        switch roll(100) {
        case ..<12: experimentCall()
        case ..<38: runCall()
        case ..<50: logCall()
        case ..<62: searchRuns()
        case ..<72: loggedModelCall()
        case ..<88: registryCall()
        case ..<95: traceCall()
        case ..<98: evaluationDatasetCall()
        default: isPlain ? searchRuns() : trashCall()
        }
    }

    // MARK: - Adding calls

    mutating func send(
        _ method: HTTPMethod, _ path: String, _ members: KeyValuePairs<String, JSON?>, makes: [String] = [],
        isPaged: Bool = false, headers: [(name: String, value: String)] = []
    ) {
        var call = ScriptedCall(number: number, method: method, path: Self.absolute(path))
        call.body = .compact(members)
        call.headers = headers
        call.makes = makes
        call.isPaged = isPaged
        if chance(isPlain ? 0.04 : 0.08) { spoil(&call) }
        if Self.numbered.contains(path) { call.body = call.body.map(Self.storable) }
        calls.append(call)
    }

    /// What is numbered in the order in which it is made. Refused within its transaction it would leave a gap in
    /// PostgreSQL's numbers alone.
    private static let numbered: Set = ["experiments/create", "registered-models/create"]

    /// Without U+0000, which no engine keeps.
    private static func storable(_ body: JSON) -> JSON {
        (try? JSON.parse(body.text.replacing("\\u0000", with: ""))) ?? body
    }

    mutating func post(
        _ path: String, _ members: KeyValuePairs<String, JSON?>, makes: [String] = [], isPaged: Bool = false
    ) {
        send(.POST, path, members, makes: makes, isPaged: isPaged)
    }

    mutating func get(_ path: String, _ query: [(name: String, value: String?)] = [], isPaged: Bool = false) {
        var call = ScriptedCall(number: number, method: .GET, path: Self.absolute(path))
        call.query = query.compactMap { item in item.value.map { (item.name, $0) } }
        call.isPaged = isPaged
        if chance(0.05) { spoil(&call) }
        calls.append(call)
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "/api/2.0/mlflow/" + path
    }

    /// Makes something of a call wrong: a value that is missing, of another type, or out of every range.
    private mutating func spoil(_ call: inout ScriptedCall) {
        let strange: [JSON] = [
            nil, 1, -1, "", "x", true, [], [:], 1.5, "12345678901234567890", 1e300, "a/../b", isPlain ? "é" : "é\u{0}",
            [1], ["x"],
            .integer(.max), .integer(.min),
        ]
        if !call.query.isEmpty {
            let place = roll(call.query.count)
            if chance(0.4) {
                call.query.remove(at: place)
            } else {
                call.query[place].value = pick(["", "x", "-1", "0", "1.5", "99999999999999999999", "é%", "a/b"])
            }
        } else if var members = call.body?.objectValue, let key = members.keys.randomElement(using: &random) {
            members[key] = chance(0.3) ? nil : pick(strange)
            call.body = .object(members)
        }
    }

    // MARK: - Chance

    mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }

    /// Mostly one of the last few, so that much happens to each.
    mutating func recent(_ symbols: [String], else other: String) -> String {
        guard !symbols.isEmpty, !chance(0.02) else { return other }
        return chance(0.8) ? pick(symbols.suffix(6)) : pick(symbols)
    }

    /// A member of a body that is not always there.
    mutating func maybe(_ share: Double, _ value: JSON) -> JSON? { chance(share) ? .some(value) : .none }

    mutating func several<Value>(_ most: Int, _ one: (inout RandomScript) -> Value) -> [Value] {
        (0..<roll(most + 1)).map { _ in one(&self) }
    }
}

extension [String] {
    fileprivate func suffix(_ count: Int) -> [String] { Array(self[Swift.max(0, self.count - count)...]) }
}
