package import Incidents
import Manifests
package import Wire

/// When findings are reason enough for an alert: how long they must last, and how often that may happen by chance.
package struct AlarmRule: Sendable, Hashable {
    package enum Detector: String, Sendable, Hashable, CaseIterable {
        /// `windows` of the last `of` windows.
        case windows
        /// The same, of a cumulative sum of the evidence of all windows: sees changes that no window alone is sure of.
        case cusum
    }

    package let detector: Detector
    /// An alert opens when the same thing is found in `windows` of the last `of` windows, and closes after `windows` windows
    /// in a row without any.
    package let windows: Int
    package let of: Int
    /// How many false alerts a month the monitor may open on average while nothing changes: the level of each test follows
    /// from it (`AlarmLevel`). Nil leaves it to the rules of the families.
    package let falseAlarmsPerMonth: Double?

    package static let standard = AlarmRule(detector: .windows, windows: 2, of: 3, falseAlarmsPerMonth: 1)

    package init(detector: Detector, windows: Int, of: Int, falseAlarmsPerMonth: Double?) {
        self.detector = detector
        self.windows = windows
        self.of = of
        self.falseAlarmsPerMonth = falseAlarmsPerMonth
    }

    /// - Parameter inARow: `drift.windows` of older manifests: so many windows in a row.
    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode?, inARow: Int?) throws {
        let standard = Self.standard
        guard let node else {
            self =
                inARow.map {
                    AlarmRule(
                        detector: .windows, windows: $0, of: $0, falseAlarmsPerMonth: standard.falseAlarmsPerMonth)
                } ?? standard
            return
        }
        let fields = try ManifestFields(node, keys: ["false_alarms_per_month", "windows", "of", "detector"])
        let windows = try fields.optionalInteger("windows", in: 1...1_000)
        if windows != nil, inARow != nil {
            throw ManifestError(at: fields.place, "say 'windows' here or in 'drift', not in both")
        }
        let count = windows ?? inARow ?? standard.windows
        let of =
            try fields.optionalInteger("of", in: 1...1_000)
            ?? max(count, windows == nil && inARow == nil ? standard.of : count)
        guard count <= of else {
            throw ManifestError(at: fields.place, "'windows' (\(count)) cannot be more than 'of' (\(of))")
        }
        let isOff = fields.isOff("false_alarms_per_month")
        let rate = isOff ? nil : try fields.optionalDouble("false_alarms_per_month", in: 1e-6...1_000)
        self.init(
            detector: try fields.optionalWord("detector", as: Detector.self) ?? standard.detector, windows: count,
            of: of,
            falseAlarmsPerMonth: isOff ? nil : rate ?? standard.falseAlarmsPerMonth)
    }

    package var persistence: AlertState.Persistence { AlertState.Persistence(windows: windows, of: of) }

    /// In words, such as `2 of 3 windows`.
    package var words: String {
        switch detector {
        case .cusum: "a cumulative sum over the windows"
        case .windows where windows == of: windows == 1 ? "1 window" : "\(windows) windows in a row"
        case .windows: "\(windows) of \(of) windows"
        }
    }
}

extension AlarmRule: JSONRepresentable {
    package var json: JSON {
        [
            "detector": .string(detector.rawValue), "windows": .integer(Int64(windows)), "of": .integer(Int64(of)),
            "false_alarms_per_month": falseAlarmsPerMonth.map(JSON.double) ?? .string("off"),
        ]
    }
}
