import Artifacts
import Blobs
import Database
import Foundation
import Incidents
import Logging
import NIOCore
import Outbound
import Registry
import Tracking
import Wire

extension Composition {
    /// Tells channels of incidents.
    func courier(over stores: Stores) -> Courier {
        Courier(
            incidents: stores.alerts.incidents, manifests: stores.manifests, timeLine: stores.timeLine,
            client: OutboundClient(allowsPrivate: configuration.allowsPrivateWebhooks, receiver: "channel"),
            mail: MailClient(
                allowsPrivate: configuration.allowsPrivateWebhooks, ownName: ProcessInfo.processInfo.hostName,
                authority: configuration.environment["SSL_CERT_FILE"]),
            secrets: OutboundSecrets(environment: configuration.environment), clock: clock,
            address: { [address] in try await address.url() })
    }

    /// How much of the disk with the data is free.
    var freeShare: @Sendable () -> Double? {
        { [folder = configuration.dataFolder] in
            let disk = try? FileManager.default.attributesOfFileSystem(forPath: folder)
            guard let total = disk?[.systemSize] as? NSNumber, let free = disk?[.systemFreeSize] as? NSNumber,
                total.doubleValue > 0
            else { return nil }
            return free.doubleValue / total.doubleValue
        }
    }

    /// Writes down that the server starts, and whether it had been stopped before: what goes wrong then may be why.
    func noteStart(_ stores: Stores) async {
        let former = try? await stores.alerts.incidents.lastHappening([.serverStarted, .serverStopped])
        let wasKilled = former?.kind == .serverStarted && !stores.database.isShared
        let words = wasKilled ? "The server started again; it had ended without being stopped." : "The server started."
        await note(.serverStarted, "\(words) (version \(Martlet.version))", stores)
    }

    func noteStop(_ stores: Stores) async {
        await note(.serverStopped, "The server was stopped.", stores)
    }

    /// A line that is missing on time lines is no reason to serve nothing.
    private func note(_ kind: Happening.Kind, _ words: String, _ stores: Stores) async {
        do {
            try await stores.alerts.incidents.note(kind, words)
        } catch {
            logger.warning("It is not written down that the server starts or stops: \(error)")
        }
    }
}

extension Stores {
    var timeLine: TimeLineReader {
        TimeLineReader(incidents: alerts.incidents, events: events) { model, version in
            try await facts(of: model, version: version)
        }
    }

    /// How a version came about: its run, and what its files say that it needs.
    private func facts(of model: String, version: Int) async throws -> VersionFacts? {
        guard let version = try await found({ try await versions.version(Int64(version), of: model) }) else {
            return nil
        }
        let run = try await found { version.runID.isEmpty ? nil : try await runs.run(version.runID) } ?? nil
        let tags = Dictionary(run?.tags.map { ($0.key, $0.value) } ?? [], uniquingKeysWith: { first, _ in first })
        let data = (run?.datasetInputs ?? []).map { input in
            let context = input.tags.first { $0.key == "mlflow.data.context" }?.value ?? input.dataset.name
            return (context, input.dataset.digest)
        }
        return VersionFacts(
            runID: run?.info.id, commit: tags["mlflow.source.git.commit"], source: tags["mlflow.source.name"],
            user: run?.info.userID, dependencies: try await dependencies(of: version),
            data: Dictionary(data, uniquingKeysWith: { _, last in last }),
            params: Dictionary(run?.params.map { ($0.key, $0.value) } ?? [], uniquingKeysWith: { first, _ in first }))
    }

    private func dependencies(of version: ModelVersion) async throws -> [String: String] {
        for file in ["requirements.txt", "conda.yaml"] {
            let text = try? await found {
                let key = try artifacts.key(ofURI: "\(version.storageURI)/\(file)")
                return String(buffer: try await artifacts.blobs.contents(key, limit: 256 << 10))
            }
            if let text { return VersionFacts.dependencies(in: text) }
        }
        return [:]
    }

    /// Nil for what is not there any more.
    private func found<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let problem as any Problem where problem.code.status == 404 {
            return nil
        }
    }
}
