package import Web

/// The routes of MLflow's REST API. Each path exists twice, for the Python client (`/api`) and for web pages
/// (`/ajax-api`), with one handler:
///
///     routes.mlflow.post("runs/create", .write("runs"), create)
package struct MLflowRoutes: Sendable {
    fileprivate var routes: Routes

    private static let prefixes = ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"]

    package mutating func get(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in Self.prefixes { routes.get(prefix + path, permission, handler) }
    }

    package mutating func post(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in Self.prefixes { routes.post(prefix + path, permission, handler) }
    }

    package mutating func patch(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in Self.prefixes { routes.patch(prefix + path, permission, handler) }
    }

    package mutating func delete(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        for prefix in Self.prefixes { routes.delete(prefix + path, permission, handler) }
    }

    /// A GET that MLflow has for web pages only.
    package mutating func ajaxGet(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        routes.get("/ajax-api/2.0/mlflow/" + path, permission, handler)
    }

    /// A POST that MLflow has for web pages only.
    package mutating func ajaxPost(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        routes.post("/ajax-api/2.0/mlflow/" + path, permission, handler)
    }
}

extension Routes {
    /// The part of the table of contents that speaks MLflow.
    package var mlflow: MLflowRoutes {
        get { MLflowRoutes(routes: self) }
        set { self = newValue.routes }
    }
}
