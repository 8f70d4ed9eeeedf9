package import Wire
import YAML
import Yams

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that holds a model in MLflow's layout: the file `MLmodel` says what is in it.
package struct ModelFolder: Sendable, Hashable {
    package let path: String
    /// The configuration of each flavour, by name.
    package let flavors: JSON
    /// Nil when the model was logged without one.
    package let signature: ModelSignature?
    package let modelUUID: String?

    /// Reads the folder's MLmodel file. Blocks.
    /// - Throws: `RuntimeError` with a 400 code when the folder does not hold a model.
    package init(path: String) throws {
        let file = path + "/MLmodel"
        guard let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int else {
            throw RuntimeError.invalidInput(
                "\(path) is not a model: it has no MLmodel file.",
                hint: "Log the model with mlflow.<flavour>.log_model and use the folder that it makes.")
        }
        guard size <= Self.maximumBytes, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw RuntimeError.invalidInput("\(file) is not a text of at most \(Self.maximumBytes >> 20) MiB.")
        }
        do {
            let description = try JSON.parse(yaml: text)
            self.path = path
            flavors = description["flavors"] ?? [:]
            guard flavors.memberList?.isEmpty == false else {
                throw RuntimeError.invalidInput("it names no flavors")
            }
            signature = try ModelSignature(description: description)
            modelUUID = description["model_uuid"]?.stringValue
        } catch let error as YamlError {
            throw RuntimeError.invalidInput("\(file) is not YAML: \(error)")
        } catch let problem as any Problem {
            throw RuntimeError.invalidInput("\(file) does not describe a model: \(problem.message)")
        }
    }

    private static let maximumBytes = 16 << 20

    /// The signature in the text of an MLmodel file, for whoever has only that of the folder.
    package static func signature(inDescription text: String) throws -> ModelSignature? {
        try ModelSignature(description: try JSON.parse(yaml: text))
    }

    /// The configuration of a flavour that can be run without MLflow's code; nil when the model does not have it, or when
    /// its `pyfunc` is another than that flavour's, which may do more.
    func native(_ flavor: String) -> JSON? {
        if let pyfunc = flavors["python_function"]?["loader_module"], pyfunc != .string("mlflow.\(flavor)") {
            return nil
        }
        return flavors[flavor]
    }

    /// The file that a flavour's configuration names as its model; nil when it names none.
    /// - Throws: `RuntimeError` with a 400 code for a file that is missing or lies elsewhere.
    func data(of flavor: JSON) throws -> String? {
        guard let data = flavor["data"]?.stringValue else { return nil }
        let file = URL(filePath: "\(path)/\(data)").resolvingSymlinksInPath().path(percentEncoded: false)
        let home = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        let isInside =
            !data.hasPrefix("/") && !data.split(separator: "/").contains("..")
            && file.hasPrefix(home.hasSuffix("/") ? home : home + "/")
        guard isInside else {
            throw RuntimeError.invalidInput("The model \(path) names the file '\(data)', which lies outside of it.")
        }
        guard FileManager.default.fileExists(atPath: file) else {
            throw RuntimeError.invalidInput(
                "The model \(path) lacks its file '\(data)'.", hint: "Log the model again, or copy the whole folder.")
        }
        return file
    }
}

extension JSON {
    /// The most values that a text may hold, aliases counted each time: nested aliases multiply.
    private static let maximumValues = 1_000_000

    /// Reads one YAML document of plain values. Blocks for long texts.
    /// - Throws: `YamlError`, `YAMLKeyProblem`; `RuntimeError` when it holds too much.
    static func parse(yaml text: String) throws -> JSON {
        var count = 0
        return try YAMLText.documents(of: text).first.map { try JSON($0, count: &count) } ?? .null
    }

    private init(_ node: Node, count: inout Int) throws {
        count += 1
        guard count <= Self.maximumValues else { throw RuntimeError.invalidInput("it holds too many values") }
        switch node {
        case .scalar(let scalar): self = JSON(scalar)
        case .sequence(let elements): self = .array(try elements.map { try JSON($0, count: &count) })
        case .mapping(let members):
            self = .members(try members.map { ($0.scalar?.string ?? "", try JSON($1, count: &count)) })
        case .alias: self = .null
        }
    }

    private init(_ scalar: Node.Scalar) {
        guard scalar.style == .plain || scalar.style == .any else {
            self = .string(scalar.string)
            return
        }
        switch scalar.string {
        case "null", "~", "": self = .null
        case "true": self = true
        case "false": self = false
        default: self = Int64(scalar.string).map(JSON.integer) ?? .string(scalar.string)
        }
    }
}
