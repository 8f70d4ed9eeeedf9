package import Manifests
import Wire

/// The monitor that an endpoint gets by itself: what nobody has to ask for. Applying a manifest of the same name changes it.
struct MonitorTemplate: Sendable {
    let endpoint: String
    let team: String?
    let task: ModelTask?

    /// - Parameter task: nil while nobody has looked at the model.
    init(_ endpoint: Manifest, task: ModelTask? = nil) {
        self.endpoint = endpoint.name
        team = endpoint.team
        self.task = task
    }

    /// What the document declares.
    var monitor: Monitor {
        get throws { try Monitor(Manifest(json: document)) }
    }

    /// As it is applied; JSON is YAML.
    var yaml: String { document.text }

    private var document: JSON {
        [
            "apiVersion": .string(Manifest.apiVersion), "kind": .string(Monitor.kind.name),
            "metadata": .compact(["name": .string(endpoint), "team": team.map(JSON.string)]),
            "spec": .compact([
                "endpoint": .string(endpoint), "type": task.map { .string($0.rawValue) },
                "reference": "training", "window": ["minutes": 60],
                "alarms": ["false_alarms_per_month": 1, "windows": 2, "of": 3],
            ]),
        ]
    }
}
