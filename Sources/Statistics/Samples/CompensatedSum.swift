/// A sum that keeps what rounding would drop (Neumaier 1974), so that its error does not grow with the number of terms.
package struct CompensatedSum: Sendable, Equatable {
    private var sum = 0.0
    private var dropped = 0.0

    package init() {}

    package mutating func add(_ term: Double) {
        let next = sum + term
        dropped += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
        sum = next
    }

    package var value: Double { sum + dropped }
}
