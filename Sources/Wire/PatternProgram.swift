/// A pattern as steps that are taken for all ways through it at once (Thompson, 1968): no way is tried twice at a
/// character, so that the time is at most the length of the text times that of the program.
package struct PatternProgram: Sendable {
    private enum Step: Sendable {
        case one(Pattern.ScalarSet)
        case place(Pattern.Place)
        /// Goes on at both.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    private var steps: [Step] = []

    package init(_ pattern: Pattern) {
        add(pattern.root)
        steps.append(.match)
    }

    private mutating func add(_ node: Pattern.Node) {
        switch node {
        case .one(let set): steps.append(.one(set))
        case .place(let place): steps.append(.place(place))
        case .all(let nodes): for node in nodes { add(node) }
        case .any(let nodes):
            var ends: [Int] = []
            for node in nodes.dropLast() {
                let split = steps.count
                steps.append(.jump(0))
                add(node)
                ends.append(steps.count)
                steps.append(.jump(0))
                steps[split] = .split(split + 1, steps.count)
            }
            if let last = nodes.last { add(last) }
            for end in ends { steps[end] = .jump(steps.count) }
        case .repeated(let node, let least, let most):
            for _ in 0..<least { add(node) }
            guard let most else { return addLoop(node) }
            var splits: [Int] = []
            for _ in least..<most {
                splits.append(steps.count)
                steps.append(.jump(0))
                add(node)
            }
            for split in splits { steps[split] = .split(split + 1, steps.count) }
        }
    }

    private mutating func addLoop(_ node: Pattern.Node) {
        let split = steps.count
        steps.append(.jump(0))
        add(node)
        steps.append(.jump(split))
        steps[split] = .split(split + 1, steps.count)
    }

    /// Whether the pattern is somewhere in a text.
    package func isIn(_ text: String) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        var ways: [Int] = []
        // The character at which a step was reached last, to reach it once.
        var reached = [Int](repeating: -1, count: steps.count)
        for place in 0...scalars.count {
            // A match may begin at every character.
            if follow(from: 0, at: place, in: scalars, &ways, &reached) { return true }
            guard place < scalars.count else { return false }
            let taken = ways
            ways.removeAll(keepingCapacity: true)
            for way in taken {
                guard case .one(let set) = steps[way], set.contains(scalars[place]) else { continue }
                if follow(from: way + 1, at: place + 1, in: scalars, &ways, &reached) { return true }
            }
        }
        return false
    }

    /// Adds the steps that wait for a character, from one step on.
    /// - Returns: whether the match is complete.
    private func follow(
        from step: Int, at place: Int, in scalars: [UInt32], _ ways: inout [Int], _ reached: inout [Int]
    ) -> Bool {
        var waiting = [step]
        while let step = waiting.popLast() {
            guard reached[step] != place else { continue }
            reached[step] = place
            switch steps[step] {
            case .one: ways.append(step)
            case .jump(let other): waiting.append(other)
            case .split(let one, let other): waiting += [one, other]
            case .place(let kind): if Self.holds(kind, at: place, in: scalars) { waiting.append(step + 1) }
            case .match: return true
            }
        }
        return false
    }

    private static func holds(_ kind: Pattern.Place, at place: Int, in scalars: [UInt32]) -> Bool {
        func isWord(_ index: Int) -> Bool {
            guard scalars.indices.contains(index) else { return false }
            let scalar = scalars[index]
            return 48...57 ~= scalar || 65...90 ~= scalar || scalar == 95 || 97...122 ~= scalar
        }
        return switch kind {
        case .start: place == 0
        case .end: place == scalars.count
        case .endOfLines: place == scalars.count || place == scalars.count - 1 && scalars[place] == 10
        case .wordEdge: isWord(place - 1) != isWord(place)
        case .noWordEdge: isWord(place - 1) == isWord(place)
        }
    }
}
