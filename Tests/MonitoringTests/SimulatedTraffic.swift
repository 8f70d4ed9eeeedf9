import Foundation
import Statistics
import TestSupport

/// Rows of a clinic whose law is known: what is the same for ever, what depends on the hour, and what changes.
struct SimulatedTraffic {
    /// What is different from the reference.
    enum Change: String, CaseIterable, Sendable {
        case nothing, shift, scale, shape, newCategory, missingBurst, labelShift, sliceOnly, gradual, slight

        /// The column that a finding must be about.
        var subject: String {
            switch self {
            case .newCategory: "ward"
            case .missingBurst: "income"
            case .labelShift: "prediction"
            default: "age"
            }
        }
    }

    /// The columns of some rows, and which rows are in the segment: a fifth of all.
    struct Rows {
        var cells = [[ColumnValue]](repeating: [], count: SimulatedTraffic.names.count)
        var isInSegment: [Bool] = []

        func inSegment(_ column: Int) -> [ColumnValue] {
            zip(cells[column], isInSegment).compactMap { $1 ? $0 : nil }
        }
    }

    static let names = ["age", "income", "ward", "visits", "prediction"]
    /// Windows of a day, where the law depends on the hour.
    static let windowsADay = 6

    private var numbers: SeededNumbers
    /// Whether means and shares go up and down with the day.
    let isSeasonal: Bool

    init(seed: UInt64, isSeasonal: Bool = false) {
        numbers = SeededNumbers(seed: seed)
        self.isSeasonal = isSeasonal
    }

    /// - Parameters:
    ///   - window: how many windows ago the change began; 1 for the first one.
    ///   - hour: the window's place in its day; nil for rows of all hours.
    mutating func rows(_ count: Int, _ change: Change = .nothing, window: Int = 0, hour: Int? = nil) -> Rows {
        var rows = Rows()
        for _ in 0..<count {
            let tide = isSeasonal ? tide(at: hour) : 0
            let isInSegment = numbers.uniform() < 0.2
            rows.isInSegment.append(isInSegment)
            rows.cells[0].append(.number(age(change, window, isInSegment) + 2 * tide))
            let isLost = change == .missingBurst && numbers.uniform() < 0.2
            rows.cells[1].append(isLost ? .missing : .number(exp(numbers.normal() + tide)))
            rows.cells[2].append(.text(ward(change, tide)))
            rows.cells[3].append(.number(Double(Int(numbers.uniform() * 8))))
            let rate = (change == .labelShift ? 0.6 : 0.3) + 0.25 * tide
            rows.cells[4].append(.text(numbers.uniform() < rate ? "yes" : "no"))
        }
        return rows
    }

    /// From −1 at night to 1 by day.
    private mutating func tide(at hour: Int?) -> Double {
        let hour = hour ?? Int(numbers.uniform() * Double(Self.windowsADay))
        return sin(2 * Double.pi * Double(hour) / Double(Self.windowsADay))
    }

    private mutating func age(_ change: Change, _ window: Int, _ isInSegment: Bool) -> Double {
        let age = numbers.normal()
        return switch change {
        case .shift: age + 1
        case .slight: age + 0.3
        case .scale: age * 2
        case .shape: (numbers.uniform() < 0.5 ? -1.2 : 1.2) + 0.3 * age
        case .sliceOnly where isInSegment: age + 2.5
        case .gradual: age + 0.1 * Double(window)
        default: age
        }
    }

    private mutating func ward(_ change: Change, _ tide: Double) -> String {
        if change == .newCategory, numbers.uniform() < 0.2 { return "east" }
        let uniform = numbers.uniform()
        let north = 0.3 + 0.25 * tide
        return uniform < north ? "north" : uniform < (1 + north) / 2 ? "south" : "west"
    }
}
