/// Who called how often: exact for up to `limit` callers, the others together.
package struct CallCounts: Sendable, Equatable {
    package struct Count: Sendable, Equatable {
        package var requests: Int
        package var rows: Int

        package init(requests: Int = 0, rows: Int = 0) {
            self.requests = requests
            self.rows = rows
        }

        static func += (count: inout Count, more: Count) {
            count.requests += more.requests
            count.rows += more.rows
        }
    }

    /// So many callers are told apart in one record. Beyond it the later ones count as others.
    package static let limit = 200

    package private(set) var callers: [String: Count]
    package private(set) var others: Count

    package init(callers: [String: Count] = [:], others: Count = Count()) {
        self.callers = callers
        self.others = others
    }

    package mutating func add(_ count: Count, of caller: String) {
        if callers[caller] != nil || callers.count < Self.limit {
            callers[caller, default: Count()] += count
        } else {
            others += count
        }
    }

    package mutating func merge(_ more: CallCounts) {
        others += more.others
        for (caller, count) in more.callers.sorted(by: { $0.key < $1.key }) { add(count, of: caller) }
    }

    package var total: Count {
        callers.values.reduce(into: others) { $0 += $1 }
    }
}
