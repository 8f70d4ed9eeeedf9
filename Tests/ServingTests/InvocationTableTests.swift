import Foundation
import NIOCore
import Natives
import Runtimes
import Subprocess
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// The table of what MLflow's scoring server answers, held against it and against this server.
@Suite struct InvocationTableTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    private static let table = folder.appending(path: "invocations.txt")

    private struct Case {
        let line: Int
        let type: String
        let body: String
        /// A status, and the predictions or the error code.
        var expected: String
    }

    @Test func theTableIsWhatMLflowAnswers() async throws {
        let scratch = try TemporaryFolder()
        let result = try await Subprocess.run(
            TrainedModels.python.subprocessExecutable,
            arguments: [
                Self.folder.appending(path: "mlflow_scoring.py").path, Self.table.path, scratch.path("models"),
            ],
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus.isSuccess, "\(result.standardOutput)\(result.standardError)")
        #expect(result.standardOutput.contains("198 cases, 0 wrong"), "\(result.standardOutput)")
    }

    @Test func theServerAnswersWhatTheTableSays() throws {
        var signature: ModelSignature?
        var cases = 0
        try Self.read { case_, model in
            if let model { signature = try ModelSignature(JSON.parse(model)) }
            guard let case_ else { return }
            cases += 1
            let said = Self.answer(case_, signature)
            #expect(said == case_.expected, "line \(case_.line): \(case_.body)")
        }
        #expect(cases >= 190)
    }

    private static func answer(_ asked: Case, _ signature: ModelSignature?) -> String {
        do {
            let form = try InvocationForm(contentType: asked.type)
            let sent = try form.sent(ByteBuffer(string: asked.body)) { try JSON.parse($0.readableBytesView) }
            let version = ServedVersion(model: "clinic", version: 1, folder: nil)
            let request = try sent.request(for: signature, version: version)
            return "200 \(try request.description.text)"
        } catch let problem as any Problem {
            return "\(problem.code.status) \(problem.code.status == 415 ? "-" : problem.code.name)"
        } catch {
            return "\(error)"
        }
    }

    /// Hands out what the table says, in order: a case, or the signature of those that follow.
    private static func read(_ body: (Case?, _ signature: String?) throws -> Void) throws {
        var open: Case?
        let lines = try String(contentsOf: table, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let rest = parts.count > 1 ? parts[1] : ""
            switch parts[0] {
            case "mlflow", "martlet": open?.expected = try canonical(rest)
            case "signature":
                if let last = open { try body(last, nil) }
                open = nil
                try body(nil, rest.split(separator: " ", maxSplits: 1).last.map(String.init))
            case let word where word.hasPrefix(">"):
                if let last = open { try body(last, nil) }
                let types = [">": "application/json", ">csv": "text/csv"]
                let text = word == ">csv" ? try JSON.parse(rest).stringValue ?? "" : rest
                open = Case(line: index + 1, type: types[word] ?? String(word.dropFirst()), body: text, expected: "")
            default: break
            }
        }
        if let last = open { try body(last, nil) }
    }

    /// A status and JSON as this program writes it.
    private static func canonical(_ result: String) throws -> String {
        let parts = result.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0] == "200" else { return result }
        return "200 \(try JSON.parse(parts[1]).text)"
    }
}

extension PredictionRequest {
    /// What reached the model, as the models of the table say it.
    fileprivate var description: JSON {
        get throws {
            var said: [(String, JSON)]
            switch input {
            case .table(let batch):
                said = batch.columns.map { column in
                    let cells = (0..<batch.rowCount).map { row -> JSON in
                        column.validity.map { $0[row] } ?? true ? column.values.json(at: row).plain : .null
                    }
                    return (column.name, [.string(column.values.type.rawValue), .array(cells)])
                }
                if batch.columns.isEmpty { said = [("rows", .integer(Int64(batch.rowCount)))] }
            case .tensors(let tensors):
                said = tensors.map { tensor in
                    let cells = JSON.array((0..<tensor.values.count).map { tensor.values.json(at: $0).plain })
                    let type = JSON.string(tensor.values.type.rawValue)
                    let shape = JSON.array(tensor.shape.map { .integer(Int64($0)) })
                    return (tensor.name ?? "", tensor.shape.count == 1 ? [type, cells] : [type, shape, cells])
                }
            case .document(let document): said = [("document", document)]
            }
            if let parameters = parameters?.memberList {
                said.append(("params", .members(parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })))
            }
            return .members(said)
        }
    }
}

extension JSON {
    fileprivate var plain: JSON {
        guard case .double(let value) = self, !value.isFinite else { return self }
        return value.isNaN ? .null : .string(value < 0 ? "-inf" : "inf")
    }
}

extension ModelSignature {
    fileprivate init?(_ json: JSON) throws {
        try self.init(json: json, isTypedByHints: false)
    }
}
