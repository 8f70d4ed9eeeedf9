import Wire

/// The predictions that a query finds, a page at a time: each is read when it is asked for, so that whoever takes them
/// slowly holds few of them. Its `limit` does not count.
package struct PredictionPages: AsyncSequence, Sendable {
    package typealias Element = [Prediction]

    private let log: PredictionLog
    private let query: PredictionQuery

    package init(of log: PredictionLog, _ query: PredictionQuery) {
        self.log = log
        self.query = query
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(log: log, query: query)
    }

    package struct Iterator: AsyncIteratorProtocol {
        private let log: PredictionLog
        private var query: PredictionQuery
        private var isAtEnd = false

        private static let firstRows = 50
        private static let maximumRows = 1000
        private static let wantedBytes = 1 << 20

        fileprivate init(log: PredictionLog, query: PredictionQuery) {
            self.log = log
            self.query = query
            self.query.limit = Self.firstRows
            self.query.maximumBytes = Self.wantedBytes
        }

        package mutating func next() async throws -> [Prediction]? {
            guard !isAtEnd else { return nil }
            let page = try await log.predictions(query)
            isAtEnd = !query.rest(after: page).isSatisfied
            guard let last = page.last else { return nil }
            query.after = last.id
            query.limit = Self.rows(after: page)
            return page
        }

        /// So many rows that the next page is about as large as wanted when its rows are like those of this one.
        private static func rows(after page: [Prediction]) -> Int {
            let bytes = page.reduce(0) { $0 + $1.sizeBytes }
            return Swift.min(maximumRows, Swift.max(1, page.count * wantedBytes / Swift.max(bytes, 1)))
        }
    }
}
