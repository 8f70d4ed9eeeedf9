package import Web

/// The routes of MLflow's REST API. Each path exists twice, for the Python client (`/api`) and for web pages
/// (`/ajax-api`), with one handler:
///
///     routes.mlflow.post("runs/create", .write("runs"), create)
package struct MLflowRoutes: Sendable {
    fileprivate var routes: Routes
    private let version: String
    private var prefixes: [String] { ["/api/\(version)/mlflow/", "/ajax-api/\(version)/mlflow/"] }

    fileprivate init(_ routes: Routes, version: String) {
        self.routes = routes
        self.version = version
    }

    package mutating func get(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in prefixes { routes.get(prefix + path, permission, handler) }
    }

    package mutating func post(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in prefixes { routes.post(prefix + path, permission, handler) }
    }

    package mutating func patch(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in prefixes { routes.patch(prefix + path, permission, handler) }
    }

    package mutating func delete(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in prefixes { routes.delete(prefix + path, permission, handler) }
    }

    /// A GET that MLflow has for web pages only.
    package mutating func ajaxGet(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        routes.get("/ajax-api/\(version)/mlflow/" + path, permission, handler)
    }

    /// A POST that MLflow has for web pages only.
    package mutating func ajaxPost(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        routes.post("/ajax-api/\(version)/mlflow/" + path, permission, handler)
    }
}

extension Routes {
    /// The part of the table of contents that speaks MLflow.
    package var mlflow: MLflowRoutes {
        get { MLflowRoutes(self, version: "2.0") }
        set { self = newValue.routes }
    }

    /// The same for what MLflow added in version 3.0 of its API.
    package var mlflow3: MLflowRoutes {
        get { MLflowRoutes(self, version: "3.0") }
        set { self = newValue.routes }
    }
}
