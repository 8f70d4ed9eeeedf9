package import Statistics

/// How long answers took, in milliseconds.
package struct LatencyProfile: Sendable, Equatable {
    /// Of each request.
    package private(set) var perRequest = QuantileSketch()
    /// Of each row: the time of its request, shared out evenly over the request's rows.
    package private(set) var perRow = QuantileSketch()

    package init() {}

    init(perRequest: QuantileSketch, perRow: QuantileSketch) {
        self.perRequest = perRequest
        self.perRow = perRow
    }

    /// Adds a request.
    /// - Parameters:
    ///   - rows: of the request that are counted here; less than `requestRows` when a slice has only some of them.
    ///   - isRest: the request is counted elsewhere, and only these rows here.
    package mutating func add(requestMs: Double, requestRows: Int, rows: Int, isRest: Bool = false) {
        if !isRest { perRequest.add(requestMs, count: 1) }
        perRow.add(requestMs / Double(max(1, requestRows)), count: rows)
    }

    package mutating func merge(_ other: LatencyProfile) {
        perRequest.merge(other.perRequest)
        perRow.merge(other.perRow)
    }
}
