import Artifacts
import Blobs
import Foundation
import Manifests
import Monitoring
import NIOPosix
import Registry
import Runtimes
import Serving
import Wire

extension Stores {
    /// What is known of the model that an endpoint's manifest names first, and the rows it was trained on: what the monitor
    /// goes by that the endpoint gets by itself.
    var modelFacts: @Sendable (_ endpoint: Manifest) async throws -> (facts: ModelFacts, reference: Reference?)? {
        { [versions, artifacts, references] manifest in
            let endpoint = try EndpointManifest(manifest)
            guard case .registered(let model)? = endpoint.variants.first?.source else { return nil }
            let version = try await versions.resolve(model)
            let folder = try await artifacts.localFolder(ofURI: version.storageURI)
            let facts = try await NIOThreadPool.singleton.runIfActive {
                defer { withExtendedLifetime(folder) {} }
                return try ModelFacts(folder: ModelFolder(path: folder.path))
            }
            let reference = try? await references.reference(
                .standard, endpoint: endpoint.name, model: version.name, version: Int(version.version))
            return (facts, reference)
        }
    }
}

extension ModelFacts {
    /// What a model's files say. Blocks.
    fileprivate init(folder: ModelFolder) {
        self.init(objective: Self.objective(in: folder))
        switch folder.signature?.inputs {
        case .columns(let columns): inputs = columns.compactMap(\.name)
        case .tensors(let tensors): inputs = tensors.compactMap(\.name)
        case .other, nil: break
        }
        switch folder.signature?.outputs {
        case .columns(let columns) where columns.count == 1: outputType = columns[0].type.rawValue
        case .tensors(let tensors) where tensors.count == 1:
            outputType = tensors[0].type.rawValue
            let width = tensors[0].shape.dropFirst().first ?? 1
            outputLength = width > 1 ? width : nil
        case .columns, .tensors, .other, nil: break
        }
    }

    /// What LightGBM and XGBoost write into their files, near the beginning or the end, such as `objective=binary` or
    /// `binary:logistic`.
    private static func objective(in folder: ModelFolder) -> String? {
        for flavor in ["lightgbm", "xgboost"] {
            guard let name = folder.flavors[flavor]?["data"]?.stringValue, !name.contains(".."),
                let file = FileHandle(forReadingAtPath: folder.path + "/" + name)
            else { continue }
            defer { try? file.close() }
            let span: UInt64 = 1 << 16
            var bytes = (try? file.read(upToCount: Int(span))) ?? Data()
            if let end = try? file.seekToEnd(), end > span {
                try? file.seek(toOffset: max(span, end - min(end, span)))
                bytes += (try? file.readToEnd()) ?? Data()
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let line = text.firstRange(of: "objective=") { return String(text[line.upperBound...].prefix(24)) }
            for prefix in ["binary:", "multi:", "rank:", "reg:", "count:poisson"] where text.contains(prefix) {
                return prefix
            }
        }
        return nil
    }
}
