import Blobs
import NIOPosix
import Runtimes
package import Web
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How to ask an endpoint, for people and for what makes clients.
package struct DescriptionRoutes: Sendable {
    private let endpoints: Endpoints

    package init(endpoints: Endpoints) {
        self.endpoints = endpoints
    }

    package func routes(into routes: inout Routes) {
        routes.get("/endpoints/{name}/openapi.json", .read("endpoints")) { call in
            let endpoint = try await endpoints.endpoint(try call.path("name"))
            return try await endpoint.withDeployment { deployment in
                let folder = deployment.version.folder?.path
                let example = try await NIOThreadPool.singleton.runIfActive { folder.flatMap(Self.example) }
                return .json(
                    EndpointDescription(
                        endpoint: endpoint.name, version: deployment.version, signature: deployment.runtime.signature,
                        example: example
                    ).json)
            }
        }
    }

    /// The example is there to be read: one larger than this is not.
    private static let maximumExampleBytes = 64 << 10

    /// The body that MLflow keeps beside a model whose author gave an example of its input. Blocks.
    private static func example(in folder: String) -> JSON? {
        let file = folder + "/serving_input_example.json"
        let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        guard let size, size <= maximumExampleBytes, let text = FileManager.default.contents(atPath: file) else {
            return nil
        }
        return try? JSON.parse(text)
    }
}
