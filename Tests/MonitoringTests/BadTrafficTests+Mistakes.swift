import Testing
import Wire

extension BadTrafficTests {
    /// One mistake, made in fifty rows after fifty good ones.
    struct Mistake: Sendable, CustomTestStringConvertible {
        enum Outcome: Sendable {
            /// Findings of the last window, as `code subject verdict`.
            case found([String])
            /// Each line with it is refused, with these words.
            case refused(String)
        }

        let name: String
        /// Changes the inputs of a row, each as JSON, by the row's number.
        var inputs: @Sendable (_ row: Int, _ inputs: [String: String]) -> [String: String] = { $1 }
        /// What else a line has, or has differently.
        var fields: @Sendable (_ row: Int, _ now: Timestamp) -> [String: String] = { _, _ in [:] }
        let outcome: Outcome

        var testDescription: String { name }

        static func of(_ column: String, _ text: @escaping @Sendable (Int) -> String?)
            -> @Sendable (
                Int, [String: String]
            ) -> [String: String]
        {
            { row, inputs in
                var inputs = inputs
                inputs[column] = text(row)
                return inputs
            }
        }
    }

    static let mistakes: [Mistake] = [
        Mistake(
            name: "a column appears", inputs: Mistake.of("height") { "\($0)" },
            outcome: .found(["column_appeared height notable"])),
        Mistake(
            name: "a column vanishes", inputs: Mistake.of("radius") { _ in nil },
            outcome: .found(["column_vanished radius bad"])),
        Mistake(
            name: "a column vanishes from some rows", inputs: Mistake.of("radius") { $0 % 2 == 0 ? nil : "14.5" },
            outcome: .found(["missing radius bad"])),
        Mistake(
            name: "numbers become text", inputs: Mistake.of("radius") { _ in "\"14,5\"" },
            outcome: .found(["type_changed radius bad"])),
        Mistake(
            name: "names become numbers", inputs: Mistake.of("ward") { "\($0 % 3)" },
            outcome: .found(["unseen_category ward bad"])),
        Mistake(
            name: "truth values become text", inputs: Mistake.of("smokes") { $0 % 2 == 0 ? "\"Y\"" : "\"N\"" },
            outcome: .found(["unseen_category smokes bad"])),
        Mistake(
            name: "numbers become lists", inputs: Mistake.of("radius") { _ in "[14.5]" },
            outcome: .found(["type_changed radius bad"])),
        Mistake(
            name: "numbers become objects", inputs: Mistake.of("radius") { _ in "{\"value\": 14.5}" },
            outcome: .found(["type_changed radius bad"])),
        Mistake(
            name: "nothing but null", inputs: Mistake.of("radius") { _ in "null" },
            outcome: .found(["missing radius bad"])),
        Mistake(
            name: "nothing but NaN", inputs: Mistake.of("radius") { _ in "NaN" },
            outcome: .found(["missing radius bad"])),
        Mistake(
            name: "infinities", inputs: Mistake.of("radius") { $0 % 2 == 0 ? "Infinity" : "-Infinity" },
            outcome: .found(["missing radius bad"])),
        Mistake(
            name: "infinities as text", inputs: Mistake.of("radius") { $0 % 2 == 0 ? "\"Infinity\"" : "\"-Infinity\"" },
            outcome: .found(["infinite radius bad"])),
        Mistake(
            name: "the largest numbers there are",
            inputs: Mistake.of("radius") { $0 % 2 == 0 ? "1.7976931348623157e308" : "-1.7976931348623157e308" },
            outcome: .found(["out_of_range radius bad"])),
        Mistake(
            name: "another unit", inputs: Mistake.of("radius") { "\(14_000 + $0)" },
            outcome: .found(["out_of_range radius bad", "drift radius bad"])),
        Mistake(
            name: "one value in all rows", inputs: Mistake.of("radius") { _ in "14.25" },
            outcome: .found(["constant radius bad"])),
        Mistake(
            name: "a name for each row", inputs: Mistake.of("ward") { "\"patient \($0)\"" },
            outcome: .found(["unseen_category ward bad"])),
        Mistake(
            name: "more columns than are watched",
            inputs: { row, inputs in
                var inputs = inputs
                for column in 0..<600 { inputs["c\(column)"] = "\(row)" }
                return inputs
            }, outcome: .found(["too_many_columns - notable"])),
        Mistake(
            name: "names of things as columns",
            inputs: { row, inputs in
                var inputs = inputs
                for column in 0..<100 { inputs["bought \(row) \(column)"] = "1" }
                return inputs
            }, outcome: .found(["too_many_columns - notable"])),
        Mistake(
            name: "rows of years ago",
            fields: { row, now in ["time": "\(now.milliseconds - 3 * 365 * 86_400_000 + Int64(row))"] },
            outcome: .found(["late_timestamps - bad"])),
        Mistake(
            name: "rows of the future", fields: { row, now in ["time": "\(now.milliseconds + 3_600_000)"] },
            outcome: .refused("lies in the future")),
        Mistake(
            name: "seconds for milliseconds", fields: { _, now in ["time": "\(now.milliseconds / 1_000)"] },
            outcome: .refused("looks like seconds")),
        Mistake(
            name: "no answer", fields: { _, _ in ["output": "null"] }, outcome: .refused("'output' is missing")),
        Mistake(
            name: "a list for inputs", fields: { _, _ in ["inputs": "[1, 2]"] },
            outcome: .refused("'inputs' is an object")),
    ]
}
