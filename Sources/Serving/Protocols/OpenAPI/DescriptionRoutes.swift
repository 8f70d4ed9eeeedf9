import Blobs
import Runtimes
package import Web
import Wire

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
                let example = try await InputExample.read(of: deployment.version)
                return .json(
                    EndpointDescription(
                        endpoint: endpoint.name, version: deployment.version, signature: deployment.runtime.signature,
                        example: example
                    ).json)
            }
        }
    }
}
