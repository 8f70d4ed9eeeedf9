/// Reads a regular expression; see `Pattern`.
struct PatternParser {
    private let scalars: [UInt32]
    private var index = 0
    private var ignoresCase = false

    /// How deep groups may be nested, and how often something may be repeated, as in PostgreSQL.
    private static let maximumDepth = 50
    private static let maximumCount = 255

    init(_ text: String) {
        // No text that is searched holds U+0000.
        scalars = text.unicodeScalars.map(\.value).filter { $0 != 0 }
    }

    private var current: UInt32? { index < scalars.count ? scalars[index] : nil }

    /// Steps over a character when it is next.
    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard current == character.value else { return false }
        index += 1
        return true
    }

    private mutating func takes(word: String) -> Bool {
        guard scalars[index...].starts(with: word.unicodeScalars.map(\.value)) else { return false }
        index += word.unicodeScalars.count
        return true
    }

    mutating func pattern() throws(PatternProblem) -> Pattern.Node {
        ignoresCase = takes(word: "(?i)")
        let root = try choice(depth: 0)
        guard current == nil else { throw PatternProblem(reason: "a ')' has no '('") }
        return root
    }

    private mutating func choice(depth: Int) throws(PatternProblem) -> Pattern.Node {
        guard depth <= Self.maximumDepth else { throw PatternProblem(reason: "its groups are nested too deep") }
        var parts = [try sequence(depth: depth)]
        while takes("|") { parts.append(try sequence(depth: depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func sequence(depth: Int) throws(PatternProblem) -> Pattern.Node {
        var nodes: [Pattern.Node] = []
        while let next = current, next != Unicode.Scalar("|").value, next != Unicode.Scalar(")").value {
            let atom = try atom(depth: depth)
            nodes.append(try repeated(atom))
        }
        return .all(nodes)
    }

    private mutating func repeated(_ atom: Pattern.Node) throws(PatternProblem) -> Pattern.Node {
        guard let (least, most) = try count() else { return atom }
        if case .place = atom { throw PatternProblem(reason: "a place cannot be repeated") }
        // Whether as much or as little as possible is taken makes no difference to whether there is a match.
        _ = takes("?")
        guard try count() == nil else { throw PatternProblem(reason: "a repetition is repeated; use parentheses") }
        return .repeated(atom, least: least, most: most)
    }

    private mutating func count() throws(PatternProblem) -> (least: Int, most: Int?)? {
        if takes("*") { return (0, nil) }
        if takes("+") { return (1, nil) }
        if takes("?") { return (0, 1) }
        guard takes("{") else { return nil }
        let least = number()
        let hasComma = takes(",")
        let most = hasComma ? number() : least
        guard takes("}"), least != nil || most != nil else {
            throw PatternProblem(reason: "after '{' comes a count, as in {2,5}")
        }
        guard (least ?? 0) <= Self.maximumCount, (most ?? 0) <= Self.maximumCount, (least ?? 0) <= most ?? .max else {
            throw PatternProblem(reason: "a repetition goes from 0 to \(Self.maximumCount), the smaller number first")
        }
        return (least ?? 0, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = current.flatMap(Unicode.Scalar.init).flatMap({
            $0.isASCII ? Character($0).wholeNumberValue : nil
        }) {
            value = min((value ?? 0) * 10 + digit, 100_000)
            index += 1
        }
        return value
    }

    private mutating func atom(depth: Int) throws(PatternProblem) -> Pattern.Node {
        if takes("(") {
            if takes("?"), !takes(":") { throw PatternProblem(reason: "of groups with '(?' only '(?:' is known") }
            let inner = try choice(depth: depth + 1)
            guard takes(")") else { throw PatternProblem(reason: "a '(' is not closed") }
            return .all([inner])
        }
        if takes("^") { return .place(.start) }
        if takes("$") { return .place(.endOfLines) }
        if takes(".") { return .one(Pattern.ScalarSet(ranges: [10...10], isNegated: true)) }
        if takes("[") { return .one(try set()) }
        for sign in ["*", "+", "?", "{"] as [Unicode.Scalar] where current == sign.value {
            throw PatternProblem(reason: "'\(sign)' has nothing to repeat")
        }
        if takes("\\") {
            if takes("b") { return .place(.wordEdge) }
            if takes("B") { return .place(.noWordEdge) }
            if takes("A") { return .place(.start) }
            if takes("Z") { return .place(.end) }
            return .one(cased(try escape()))
        }
        defer { index += 1 }
        let scalar = current ?? 0
        return .one(cased(Pattern.ScalarSet(ranges: [scalar...scalar])))
    }

    /// What follows a backslash.
    private mutating func escape() throws(PatternProblem) -> Pattern.ScalarSet {
        guard let scalar = current.flatMap(Unicode.Scalar.init) else {
            throw PatternProblem(reason: "it ends with '\\'")
        }
        index += 1
        let digits: [ClosedRange<UInt32>] = [48...57]
        let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
        let blank: [ClosedRange<UInt32>] = [9...13, 32...32]
        switch scalar {
        case "d": return Pattern.ScalarSet(ranges: digits)
        case "D": return Pattern.ScalarSet(ranges: digits, isNegated: true)
        case "w": return Pattern.ScalarSet(ranges: word)
        case "W": return Pattern.ScalarSet(ranges: word, isNegated: true)
        case "s": return Pattern.ScalarSet(ranges: blank)
        case "S": return Pattern.ScalarSet(ranges: blank, isNegated: true)
        case "n": return Pattern.ScalarSet(ranges: [10...10])
        case "r": return Pattern.ScalarSet(ranges: [13...13])
        case "t": return Pattern.ScalarSet(ranges: [9...9])
        case _ where scalar.properties.isAlphabetic || scalar.properties.numericType != nil:
            throw PatternProblem(reason: "'\\\(scalar)' is not known")
        default: return Pattern.ScalarSet(ranges: [scalar.value...scalar.value])
        }
    }

    /// The rest of `[…]`.
    private mutating func set() throws(PatternProblem) -> Pattern.ScalarSet {
        var set = Pattern.ScalarSet(ranges: [], isNegated: takes("^"))
        var isFirst = true
        while isFirst || current != Unicode.Scalar("]").value {
            isFirst = false
            let lower = try member()
            guard current == Unicode.Scalar("-").value, index + 1 < scalars.count,
                scalars[index + 1] != Unicode.Scalar("]").value
            else {
                set.ranges += try lower.plain()
                continue
            }
            index += 1
            let upper = try member()
            guard let first = lower.single, let last = upper.single, first <= last else {
                throw PatternProblem(reason: "a range in '[]' goes from one character to a later one")
            }
            set.ranges.append(first...last)
        }
        index += 1
        return cased(set)
    }

    private mutating func member() throws(PatternProblem) -> Pattern.ScalarSet {
        guard let scalar = current else { throw PatternProblem(reason: "a '[' is not closed") }
        if takes("\\") { return try escape() }
        index += 1
        return Pattern.ScalarSet(ranges: [scalar...scalar])
    }

    /// The set with the other case of its letters from A to Z, when case is ignored.
    private func cased(_ set: Pattern.ScalarSet) -> Pattern.ScalarSet {
        guard ignoresCase else { return set }
        var set = set
        for (letters, shift) in [(65...90, 32), (97...122, -32)] as [(ClosedRange<UInt32>, Int64)] {
            for range in set.ranges where range.overlaps(letters) {
                let part = range.clamped(to: letters)
                set.ranges.append(
                    UInt32(Int64(part.lowerBound) + shift)...UInt32(Int64(part.upperBound) + shift))
            }
        }
        return set
    }
}

extension Pattern.ScalarSet {
    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 && !isNegated ? ranges[0].lowerBound : nil
    }

    /// The ranges as members of another set; those of an opposite turned round.
    fileprivate func plain() throws(PatternProblem) -> [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var next: UInt32 = 1
        var gaps: [ClosedRange<UInt32>] = []
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        return gaps + [next...0x10FFFF]
    }
}
