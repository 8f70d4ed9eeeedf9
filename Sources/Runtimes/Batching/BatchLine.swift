/// Requests that wait to be predicted, and which of them go together. A pure value: predictions and timers are elsewhere.
struct BatchLine<Kind: Equatable & Sendable>: Sendable {
    private struct Request: Sendable {
        let number: Int
        /// Only requests of the same kind go together; nil for one that goes alone.
        let kind: Kind?
        let rows: Int
        /// Whether it has waited for others as long as it is to.
        var isDue: Bool
    }

    /// The most rows that go together.
    private let maximumRows: Int
    private let longest: Int
    /// How many predictions run at once.
    private let lanes: Int
    private var requests: [Request] = []
    private var running = 0

    init(maximumRows: Int, longest: Int, lanes: Int) {
        self.maximumRows = maximumRows
        self.longest = longest
        self.lanes = max(1, lanes)
    }

    var count: Int { requests.count }
    var isFull: Bool { requests.count >= longest }

    /// Takes a lane for a request that need not wait.
    /// - Returns: whether there was one; each is followed by one `finish`.
    mutating func begin() -> Bool {
        guard requests.isEmpty, running < lanes else { return false }
        running += 1
        return true
    }

    /// - Parameter isDue: false when it is to wait for others even though nothing is under way.
    mutating func append(_ number: Int, kind: Kind?, rows: Int, isDue: Bool) {
        requests.append(Request(number: number, kind: kind, rows: rows, isDue: isDue))
    }

    mutating func makeDue(_ number: Int) {
        guard let index = requests.firstIndex(where: { $0.number == number }) else { return }
        requests[index].isDue = true
    }

    /// Nobody waits for it any more.
    mutating func remove(_ number: Int) {
        requests.removeAll { $0.number == number }
    }

    /// A prediction is done.
    mutating func finish() {
        running -= 1
    }

    /// The requests to predict now, with a lane taken for them; nil when they have to wait on. The first is the one that has
    /// waited longest; those that go with it keep their order.
    mutating func next() -> [Int]? {
        guard running < lanes, let first = requests.first else { return nil }
        var group = [first.number]
        var rows = first.rows
        var isDue = first.isDue || first.kind == nil
        for request in requests.dropFirst() where first.kind != nil && request.kind == first.kind {
            guard rows + request.rows <= maximumRows else {
                isDue = true
                break
            }
            rows += request.rows
            group.append(request.number)
            isDue = isDue || request.isDue
        }
        guard isDue || rows >= maximumRows else { return nil }
        running += 1
        let numbers = Set(group)
        requests.removeAll { numbers.contains($0.number) }
        return group
    }
}
