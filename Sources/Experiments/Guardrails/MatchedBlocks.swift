import Statistics
import Wire

/// Outcomes of both arms, each between 0 and 1, matched in the order in which they come: blocks of so many of the
/// candidate with so many of control as the shares of traffic bring.
///
/// A block's gain is the candidate's mean less control's. When the candidate is no worse, that is zero or less on average,
/// whatever the rate of both does over the day: both outcomes of a block come from about the same moment, and nothing is
/// assumed of the number of requests that an arm gets. What waits for its match is bounded and is no evidence yet.
struct MatchedBlocks: Sendable, Hashable {
    private var candidate: Outcomes
    private var control: Outcomes

    /// - Parameter share: the candidate's part of the requests, between 0 and 1.
    init(share: Double) {
        let ratio = max(1, min(20, ((1 - share) / share).rounded()))
        let inverse = max(1, min(20, (share / (1 - share)).rounded()))
        control = Outcomes(size: Int(ratio))
        candidate = Outcomes(size: Int(inverse))
    }

    /// - Returns: the gain of the block that this outcome completes; nil when it completes none.
    mutating func add(_ value: Double, to arm: GuardrailTest.Arm) -> Double? {
        switch arm {
        case .candidate: candidate.add(value)
        case .control: control.add(value)
        }
        guard !candidate.means.isEmpty, !control.means.isEmpty else { return nil }
        return candidate.means.removeFirst() - control.means.removeFirst()
    }

    /// Whether no outcome waits.
    var isEmpty: Bool { candidate.isEmpty && control.isEmpty }

    fileprivate struct Outcomes: Sendable, Hashable {
        let size: Int
        var means: [Double] = []
        fileprivate var sum = 0.0
        fileprivate var count = 0

        var isEmpty: Bool { means.isEmpty && count == 0 }

        init(size: Int) {
            self.size = size
        }

        /// Once 64 blocks wait, further outcomes are passed over, without a look at what they are.
        mutating func add(_ value: Double) {
            guard means.count < 64 else { return }
            sum += value
            count += 1
            guard count == size else { return }
            means.append(sum / Double(size))
            sum = 0
            count = 0
        }
    }
}

extension MatchedBlocks {
    var json: JSON { ["candidate": candidate.json, "control": control.json] }

    /// Goes on with what `json` wrote of a test with the same share; what is something else waits no more.
    init(share: Double, waiting json: JSON) {
        self.init(share: share)
        candidate.resume(json["candidate"])
        control.resume(json["control"])
    }
}

extension MatchedBlocks.Outcomes {
    fileprivate var json: JSON {
        ["means": .array(means.map(JSON.double)), "sum": .double(sum), "count": .integer(Int64(count))]
    }

    fileprivate mutating func resume(_ json: JSON?) {
        means = (json?["means"]?.arrayValue ?? []).compactMap(\.doubleValue)
        sum = json?["sum"]?.doubleValue ?? 0
        count = json?["count"]?.integerValue.map { Int($0) } ?? 0
    }
}
