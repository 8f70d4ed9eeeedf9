import Foundation
import OrderedCollections
import TestSupport
import Testing
import Wire

/// Random calls get the same answers from Martlet and from MLflow's own server, but for what is each server's own: ids,
/// times of day, the wording of errors.
///
/// By hand, beside a server over an empty store:
///
///     mlflow server --port 5000 --workers 1 --backend-store-uri sqlite:///new.db --artifacts-destination new
///     MARTLET_REFERENCE_PORT=5000 MARTLET_SEED=1 swift test --filter ReferenceAgreementTests
@Suite struct ReferenceAgreementTests {
    static let port = ProcessInfo.processInfo.environment["MARTLET_REFERENCE_PORT"].flatMap(Int.init)

    /// Every call that is answered differently is shown, for one difference hides no other here.
    @Test(.enabled(if: port != nil)) func martletAnswersAsMLflowDoes() async throws {
        let settings = ScriptSettings(seeds: 1, calls: 300)
        var random = RandomScript(seed: settings.seeds.lowerBound, isPlain: true)
        let script = random.script(of: settings.calls)
        let martlet = try await EngineServer(on: .sqlite)
        try await martlet.serve { mine in
            var (mine, reference) = (mine, Peer(server: LiveServer(port: Self.port ?? 0)))
            for call in script {
                martlet.state.begin(call.number)
                let own = try await mine.answers(to: call)
                let others = try await reference.answers(to: call)
                let (one, other) = (own.map(mine.book.neutral), others.map(reference.book.neutral))
                if one != other, !Self.isBetter(one, than: other) {
                    let said = own.first { $0.status != 200 }?.text ?? ""
                    Issue.record("\(call)\n\(said)\n\(Difference(call: call, one: one, other: other))")
                }
            }
        }
    }

    /// What is wrong is told as the client's fault, where MLflow blames itself or its database.
    private static func isBetter(_ own: [GivenAnswer], than other: [GivenAnswer]) -> Bool {
        guard let own = own.first, let other = other.first else { return false }
        return (400..<500).contains(own.status) && (other.status == 500 || other.text == "\"BAD_REQUEST\"")
    }
}

extension IDBook {
    /// An answer without what each server makes by itself. Of a refusal only its status and its name are left.
    func neutral(_ answer: GivenAnswer) -> GivenAnswer {
        guard let json = try? JSON.parse(answer.text) else { return answer }
        let code = json["error_code"]
        return GivenAnswer(status: answer.status, text: (code ?? neutral(json, of: "")).text)
    }

    private static let times: Set = [
        "creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp", "creation_timestamp_ms",
        "last_updated_timestamp_ms", "created_time", "create_time",
    ]

    /// Lists that have no order of their own.
    private static let sets: Set = [
        "tags", "params", "metrics", "aliases", "dataset_summaries", "latest_versions", "model_outputs", "model_inputs",
        "dataset_inputs",
    ]

    private func neutral(_ json: JSON, of key: String) -> JSON {
        switch json {
        case .object(let members):
            // Only Martlet says of a logged model that it is deleted; the digest of an evaluation dataset is of a moment,
            // and MLflow does not always name its experiments.
            let hidden: Set =
                members["model_id"] != nil
                ? ["lifecycle_stage"] : members["dataset_id"] != nil ? ["digest", "experiment_ids"] : ["workspace"]
            let kept = members.filter { !hidden.contains($0.key) && $0.value != [:] && $0.value != .null }.sorted {
                $0.key < $1.key
            }
            return .members(kept.map { ($0.key, Self.times.contains($0.key) ? "now" : neutral($0.value, of: $0.key)) })
        case .array(let items):
            let items = items.map { neutral($0, of: "") }
            return .array(Self.sets.contains(key) ? items.sorted { $0.text < $1.text } : items)
        case .double(let number): return Int64(exactly: number).map(JSON.integer) ?? json
        case .string where key == "next_page_token": return "more"
        case .string(let text):
            // JSON in text may be spaced as anyone likes.
            let inner = text.hasPrefix("[") || text.hasPrefix("{") ? try? JSON.parse(text) : nil
            // As are moments and durations, with or without zeros at their end.
            let trimmed = text.replacing(/\.(\d*?)0+(Z|s)$/) { ($0.1.isEmpty ? "" : ".\($0.1)") + $0.2 }
            return inner.map { neutral($0, of: "") } ?? .string(neutral(trimmed))
        default: return json
        }
    }

    /// With symbols in place of ids.
    private func neutral(_ text: String) -> String {
        ids.reduce(text) { text, entry in
            if entry.id.count > 8 { return text.replacing(entry.id, with: entry.symbol) }
            let place = "mlflow-artifacts:/\(entry.id)/"
            return text == entry.id ? entry.symbol : text.replacing(place, with: "mlflow-artifacts:/\(entry.symbol)/")
        }
    }
}
