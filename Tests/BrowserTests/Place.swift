import Web

/// The pages there are, by their addresses.
enum Place: String, CaseIterable, Sendable {
    case operations, experiments, experiment, run, running, compare, contour, box, files, file, picture, traces, trace,
        models, model, version, alias
    case dataQuality = "data-quality"
    case modelFiles = "model-files"
    case endpoints, endpoint, divided, shares, trial, rollouts, shadow, rules, silences, prediction, monitors,
        monitor, column, performance, traffic
    case latency, incidents, incident, report, alerts, alert, channels
    case latestTraces = "latest-traces"
    case trash, audit, batches, batch, webhooks, webhook, manifests, manifest, missing

    /// Whether a server on which nothing was done has the page.
    var isThereAtFirst: Bool {
        switch self {
        case .operations, .experiments, .experiment, .traces, .models, .endpoints, .monitors, .incidents, .report,
            .alerts, .channels, .silences, .latestTraces, .trash, .audit, .batches, .webhooks, .manifests, .missing:
            true
        default: false
        }
    }

    func path(on server: SeededServer) -> String {
        let places = server.places
        let model = "/models/\(Awkward.model.queryEscaped)"
        let monitor = "/monitors/\(MonitoringSeed.monitor)"
        return switch self {
        case .operations: "/"
        case .experiments, .models, .endpoints, .monitors, .incidents, .alerts, .channels, .silences, .trash, .audit,
            .batches, .webhooks, .manifests:
            "/\(rawValue)"
        case .experiment: "/experiments/\(places.experiment)"
        case .run: "/runs/\(places.run)"
        case .running: "/runs/\(places.runs.first ?? "")"
        case .compare: "/compare?runs=\(places.runs.joined(separator: ","))"
        case .contour: "/compare?runs=\(places.sweep.joined(separator: ","))&plot=contour"
        case .box: "/compare?runs=\(places.sweep.joined(separator: ","))&plot=box"
        case .version: "\(model)/versions/2"
        case .alias: "\(model)/versions/1/alias?alias=champion"
        case .prediction: "/predictions/\(places.prediction)"
        case .files: "/runs/\(places.run)/artifacts"
        case .file: "/runs/\(places.run)/artifacts?path=README.md"
        case .picture: "/runs/\(places.run)/artifacts?path=plots"
        case .traces: "/experiments/\(places.experiment)/traces"
        case .trace: "/traces/\(places.trace)"
        case .model: model
        case .modelFiles: "\(model)/versions/2/artifacts"
        case .endpoint: "/endpoints/\(ServingSeed.endpoint)"
        case .shares: "/endpoints/\(ServingSeed.divided)/traffic?weight.first=55&weight.second=45"
        case .divided: "/endpoints/\(ServingSeed.divided)"
        case .rollouts: "/endpoints/\(ServingSeed.divided)/rollouts"
        case .shadow: "/endpoints/\(ServingSeed.divided)/shadow"
        case .rules: "\(monitor)/rules"
        case .dataQuality: "\(monitor)/quality"
        case .trial: "/endpoints/\(ServingSeed.endpoint)/try"
        case .manifest: "/manifests/endpoints/\(ServingSeed.endpoint)"
        case .monitor: monitor
        case .column: "\(monitor)/columns/\(MonitoringSeed.columns[1].queryEscaped)"
        case .performance: "\(monitor)/performance"
        case .traffic: "\(monitor)/traffic"
        case .latency: "/monitors/\(ServingSeed.endpoint)/traffic"
        case .incident: "/incidents/\(places.incident)"
        case .report: "/incidents/report"
        case .alert: "/alerts/\(places.alert)"
        case .latestTraces: "/traces"
        case .batch: "/batches/\(places.batch)"
        case .webhook: "/webhooks/\(places.webhook)"
        case .missing: "/nowhere"
        }
    }
}
