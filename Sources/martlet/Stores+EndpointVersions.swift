import Incidents
import Manifests
import Monitoring
import Serving
import Wire

extension Stores {
    /// What answers at an endpoint, and what its history says did.
    func versions(at name: String, of endpoints: Endpoints) async throws -> EndpointVersions {
        let endpoint: Endpoint
        do {
            endpoint = try await endpoints.get(name)
        } catch let error as ManifestError where error.code == .doesNotExist {
            return .unknown
        }
        // While a version is being loaded, nothing is known of what does not answer.
        guard endpoint.variants.allSatisfy({ $0.deployed != nil }), !endpoint.variants.isEmpty else { return .unknown }
        let answering = endpoint.variants.flatMap { variant in
            [variant.deployed, variant.candidate?.deployed].compactMap(\.self).map { deployed in
                TrafficSlice(variant: variant.name, model: deployed.model, version: deployed.version)
            }
        }
        let former = try await rollouts.history(of: name).flatMap { rollout in
            [rollout.from, rollout.to].compactMap(\.self).compactMap { Self.lane($0, in: rollout.variant) }
        }
        return EndpointVersions(answering: Set(answering), former: Set(former))
    }

    /// - Parameter label: such as `churn/3`.
    private static func lane(_ label: String, in variant: String) -> TrafficSlice? {
        guard let slash = label.lastIndex(of: "/"), let version = Int(label[label.index(after: slash)...]) else {
            return nil
        }
        return TrafficSlice(variant: variant, model: String(label[..<slash]), version: version)
    }
}
