/// Rows by the type of their value, whatever type the reference had.
package struct TypeCounts: Sendable, Equatable {
    package internal(set) var numbers = 0
    package internal(set) var texts = 0
    package internal(set) var trues = 0
    package internal(set) var falses = 0

    package init() {}

    mutating func merge(_ other: TypeCounts) {
        numbers += other.numbers
        texts += other.texts
        trues += other.trues
        falses += other.falses
    }

    package var bools: Int { trues + falses }
    package var total: Int { numbers + texts + bools }
}
