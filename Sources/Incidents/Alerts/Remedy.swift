package import Manifests
package import Wire

/// What an alert sets going by itself.
package struct Remedy: Sendable, Hashable {
    package enum Measure: Sendable, Hashable {
        /// A program and its arguments; never empty.
        case run([String])
        /// The same, said to train a successor.
        case retrain([String])
        /// The endpoint goes back to the version that answered before.
        case rollback
    }

    package let measure: Measure
    /// Relative to where the server was started; there when nil.
    package let workingDirectory: String?
    /// After one the next waits at least this long.
    package let cooldownMinutes: Int

    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(
            node, keys: ["run", "retrain", "rollback", "working_directory", "cooldown_minutes"])
        let run = try fields.optional("run").map { _ in Measure.run(try Self.command("run", fields)) }
        let retrain = try fields.optional("retrain").map { _ in Measure.retrain(try Self.command("retrain", fields)) }
        let rollback = try fields.optionalBool("rollback") == true ? Measure.rollback : nil
        let measures = [run, retrain, rollback].compactMap(\.self)
        guard let measure = measures.first, measures.count == 1 else {
            throw ManifestError(
                at: fields.place, "say one of 'run: [program, …]', 'retrain: [program, …]' and 'rollback: true'")
        }
        self.measure = measure
        workingDirectory = try fields.optionalString("working_directory")
        cooldownMinutes = try fields.optionalInteger("cooldown_minutes", in: 0...525_600) ?? 0
    }

    private static func command(_ key: String, _ fields: ManifestFields) throws -> [String] {
        let command = try fields.strings(key)
        guard let program = command.first, !program.isEmpty else {
            throw ManifestError(
                at: fields.place, "'\(key)' names a program and its arguments, as a list of texts")
        }
        return command
    }

    /// The program and its arguments; nil for a measure that is none.
    package var command: [String]? {
        switch measure {
        case .run(let command), .retrain(let command): command
        case .rollback: nil
        }
    }

    /// In words, such as `python3 retrain.py`.
    package var words: String {
        switch measure {
        case .run(let command): command.joined(separator: " ")
        case .retrain(let command): "retrain with \(command.joined(separator: " "))"
        case .rollback: "roll back"
        }
    }
}

extension Remedy: JSONRepresentable {
    package var json: JSON {
        let measure: String =
            switch measure {
            case .run: "run"
            case .retrain: "retrain"
            case .rollback: "rollback"
            }
        return .compact([
            "measure": .string(measure), "command": command.map { .strings($0) },
            "working_directory": workingDirectory.map(JSON.string),
            "cooldown_minutes": .integer(Int64(cooldownMinutes)),
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a remedy.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        let command = try fields.strings("command")
        switch try fields.string("measure") {
        case "run": measure = .run(command)
        case "retrain": measure = .retrain(command)
        default: measure = .rollback
        }
        workingDirectory = try fields.optionalString("working_directory")
        cooldownMinutes = Int(try fields.integer("cooldown_minutes"))
    }
}
