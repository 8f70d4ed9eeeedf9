import HTTPTypes
package import Manifests
import OrderedCollections
package import Web
import Wire

/// How the requests of an endpoint are divided among its variants, to be changed: the shares, the manifest that they make with
/// what changes marked, and the button that writes it. The address holds the shares that are looked at.
package struct TrafficShiftPage: Sendable {
    private let endpoints: Endpoints
    private let manifests: ManifestStore

    package init(endpoints: Endpoints, manifests: ManifestStore) {
        self.endpoints = endpoints
        self.manifests = manifests
    }

    package func routes(into routes: inout Routes) {
        let path = "/endpoints/{name}/traffic"
        routes.page(path, .read("endpoints")) { call in
            let current = try await applied(call)
            let shift = try TrafficShift(current.manifest) { variant in
                try call.integerQuery("weight.\(variant)")
            }
            return try await page(shift, current, begunWith: call.query("version") ?? current.version, now: call.time)
        }
        routes.post(path, .manage("manifests"), write)
    }

    private func applied(_ call: Call) async throws -> AppliedManifest {
        try await manifests.applied(kind: EndpointManifest.kind.name, name: try call.path("name"))
    }

    private func write(_ call: Call) async throws -> Reply {
        let form = try await call.form()
        let version = try form.string("version")
        let current = try await applied(call)
        let shift = try TrafficShift(current.manifest) { variant in
            try form.members["weight.\(variant)"]?.stringValue.map(Self.percent)
        }
        let name = current.manifest.name
        do {
            _ = try await manifests.replace(
                kind: EndpointManifest.kind.name, name: name, with: shift.yaml, basedOn: version,
                by: call.principal.name)
            return .seeOther("/endpoints/\(name)")
        } catch is ManifestConflict {
            let current = try await applied(call)
            return call.reply(
                with: try await page(shift, current, begunWith: version, now: call.time), status: .conflict)
        }
    }

    private static func percent(_ text: String) throws -> Int {
        guard let percent = Int(text) else {
            throw FieldProblem.invalid("weight", .string(text), expected: "whole number")
        }
        return percent
    }

    // MARK: Drawing

    private func page(
        _ shift: TrafficShift, _ current: AppliedManifest, begunWith version: String, now: Timestamp
    ) async throws -> Web.Page {
        let endpoint = try await endpoints.get(current.manifest.name)
        let path = "/endpoints/\(endpoint.name)/traffic"
        let manifest = try EndpointManifest(current.manifest)
        let steering = TrafficShift.steering(manifest, isDecided: endpoints.isDecided(endpoint.name))
        let body: HTML =
            if let steering {
                """
                <p>\(steering)</p>
                <p>\(HTML.link("Edit the manifest", to: "/manifests/endpoints/\(endpoint.name)"))</p>
                """
            } else {
                """
                <p>Which share of the requests each variant answers. Nothing changes before it is written.</p>
                \(outdated(shift, current, begunWith: version, path: path, now: now))
                <div data-view>
                \(form(shift, endpoint, version: version, path: path))
                \(outcome(shift, current, version: version, path: path))
                </div>
                \(Self.rollouts(endpoint))
                """
            }
        return Web.Page(
            title: "Traffic of \(endpoint.name)",
            trail: [EndpointPage.section, Link(endpoint.name, "/endpoints/\(endpoint.name)"), Link("traffic", path)],
            modules: ["view.js", "shares.js"], body: body)
    }

    private func form(_ shift: TrafficShift, _ endpoint: Endpoint, version: String, path: String) -> HTML {
        let rows = shift.weights.map { weight -> HTML in
            let deployed = endpoint.variants.first { $0.name == weight.variant }?.deployed
            let model: HTML? = deployed.map {
                "<small class=\"quiet\">\(HTML.name("\($0.model)/\($0.version)"))</small>"
            }
            return """
                <label data-key="\(weight.variant)"><span>\(HTML.name(weight.variant)) \(model)</span>\
                <input type="number" name="weight.\(weight.variant)" min="0" max="100" step="1" required \
                value="\(weight.percent)"><span>%</span></label>
                """
        }
        return """
            <form class="shares" method="get" action="\(path)">
            <input type="hidden" name="version" value="\(version)">
            \(rows)
            <button>Look at what changes</button>
            </form>
            """
    }

    /// What somebody else has written since these shares were begun with.
    private func outdated(
        _ shift: TrafficShift, _ current: AppliedManifest, begunWith version: String, path: String, now: Timestamp
    ) -> HTML? {
        guard version != current.version else { return nil }
        let weights = shift.weights.map { "&weight.\($0.variant)=\($0.percent)" }.joined()
        return .notice(
            .warning,
            """
            <p>\(HTML.name(current.appliedBy)) has changed the manifest \(HTML.time(current.appliedAt, now: now)), after you \
            began. Nothing was written. Below is how your shares differ from what is in force now.</p>
            <p>\(HTML.link("Go on from what is in force", to: path)), or \
            \(HTML.link("set your shares in it", to: "\(path)?version=\(current.version)\(weights)")).</p>
            """)
    }

    private func outcome(
        _ shift: TrafficShift, _ current: AppliedManifest, version: String, path: String
    ) -> HTML {
        guard shift.sum == 100, shift.weights.allSatisfy({ (0...100).contains($0.percent) }) else {
            return .notice(
                .warning, "<p>The shares of all variants make 100 % together; these make \(shift.sum) %.</p>")
        }
        let former = current.manifest.yaml
        guard shift.yaml != former else {
            return "<h2>Manifest</h2>\(HTML.code(former))"
        }
        let fields = shift.weights.map { weight -> HTML in
            "<input type=\"hidden\" name=\"weight.\(weight.variant)\" value=\"\(weight.percent)\">"
        }
        let shares = shift.weights.map { "\($0.variant) \($0.percent) %" }.joined(separator: ", ")
        let button: HTML? =
            version == current.version
            ? """
            <form method="post" action="\(path)">
            <input type="hidden" name="version" value="\(version)">\(fields)
            <button>Write it</button> <span>From then on \(shares).</span>
            </form>
            """ : nil
        return "<h2>Manifest</h2>\(button)\(HTML.difference(from: former, to: shift.yaml))"
    }

    /// What is tried out has a share of its variant's, which its plan moves.
    private static func rollouts(_ endpoint: Endpoint) -> HTML? {
        let words = endpoint.variants.compactMap { variant -> HTML? in
            variant.candidate.map { candidate in
                """
                <p class="quiet">Of what \(HTML.name(variant.name)) gets, \(candidate.percent) % go to version \
                \(candidate.deployed.version), which is tried out: its plan moves that share, \
                \(HTML.link("by these numbers", to: "/endpoints/\(endpoint.name)/rollouts")).</p>
                """
            }
        }
        return words.isEmpty ? nil : "\(words)"
    }
}
