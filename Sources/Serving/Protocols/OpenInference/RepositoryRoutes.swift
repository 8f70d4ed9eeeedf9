import NIOCore
import Telemetry
package import Web
import Wire

/// What the Open Inference Protocol's extensions ask of the server: which models there are, and how they have done.
package struct RepositoryRoutes: Sendable {
    private let endpoints: Endpoints
    private let meter: PredictionMeter

    package init(endpoints: Endpoints, meter: PredictionMeter) {
        self.endpoints = endpoints
        self.meter = meter
    }

    package func routes(into routes: inout Routes) {
        routes.post("/v2/repository/index", .read("endpoints")) { call in try await index(call) }
        for verb in ["load", "unload"] {
            routes.post("/v2/repository/models/{name}/\(verb)", .manage("endpoints")) { call in
                try refuse(verb, try call.path("name"))
            }
        }
        routes.get("/v2/models/stats", .read("endpoints")) { _ in
            .json(statistics(of: try await endpoints.all(), version: nil))
        }
        for path in ["/v2/models/{name}/stats", "/v2/models/{name}/versions/{version}/stats"] {
            routes.get(path, .read("endpoints")) { call in
                let version = path.contains("{version}") ? try call.path("version") : nil
                return .json(statistics(of: [try await endpoints.get(try call.path("name"))], version: version))
            }
        }
    }

    // MARK: Index

    private func index(_ call: Call) async throws -> Reply {
        let body = try await call.body()
        let onlyReady =
            body.readableBytes == 0 ? false : try Fields(try call.json(from: body)).optionalBool("ready") ?? false
        let entries = try await endpoints.all().flatMap(Self.entries)
        return .json(.array(entries.filter { !onlyReady || $0["state"] == "READY" }))
    }

    private static func entries(_ endpoint: Endpoint) -> [JSON] {
        let state: JSON = endpoint.state == .ready ? "READY" : endpoint.state == .loading ? "LOADING" : "UNAVAILABLE"
        let versions: [JSON?] =
            endpoint.answering.isEmpty ? [nil] : endpoint.answering.map { .string(String($0.deployed.version)) }
        return versions.map { version in
            .compact([
                "name": .string(endpoint.name), "version": version, "state": state,
                "reason": .string(endpoint.state == .ready ? "" : endpoint.message ?? ""),
            ])
        }
    }

    private func refuse(_ verb: String, _ name: String) throws -> Reply {
        throw ServingError(
            .badRequest, "The model '\(name)' cannot be \(verb)ed by a request: endpoints are declared by manifests.",
            hint: verb == "load"
                ? "Run martlet apply -f endpoint.yaml, or move the alias that the endpoint follows."
                : "Run martlet endpoints delete \(name).")
    }

    // MARK: Statistics

    private func statistics(of endpoints: [Endpoint], version: String?) -> JSON {
        let all = endpoints.flatMap { endpoint in
            endpoint.answering.filter { version == nil || String($0.deployed.version) == version }.map { answering in
                let key = PredictionMeter.Key(
                    endpoint: endpoint.name, variant: answering.variant, version: answering.deployed.version)
                return Self.statistics(key, meter.metrics(key))
            }
        }
        return ["model_stats": .array(all)]
    }

    private static func statistics(_ key: PredictionMeter.Key, _ metrics: PredictionMetrics) -> JSON {
        let none: JSON = ["count": 0, "ns": 0]
        return [
            "name": .string(key.endpoint), "version": .string(String(key.version)), "last_inference": 0,
            "inference_count": .integer(Int64(metrics.rowCount)),
            "execution_count": .integer(Int64(metrics.requestCount)),
            "inference_stats": [
                "success": metrics.total.json,
                "fail": ["count": .integer(Int64(metrics.failureCount)), "ns": 0], "queue": metrics.total(.queue).json,
                "compute_input": metrics.total(.decode).json, "compute_infer": metrics.total(.predict).json,
                "compute_output": metrics.total(.encode).json, "cache_hit": none, "cache_miss": none,
            ],
            "batch_stats": [],
        ]
    }
}

extension Histogram.Snapshot {
    fileprivate var json: JSON {
        ["count": .integer(Int64(count)), "ns": .integer(Int64((sum * 1e9).rounded()))]
    }
}
