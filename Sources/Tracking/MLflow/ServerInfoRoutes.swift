package import Web
import Wire

/// What a client asks before it does anything else: which MLflow this is and what it is able to do.
package struct ServerInfoRoutes: Sendable {
    /// The version of MLflow whose contract is spoken here. Clients compare it before they use newer parts of it.
    static let mlflowVersion = "3.17.2"

    package init() {}

    package func routes(into routes: inout Routes) {
        routes.get("/version", .read("server")) { _ in .text(Self.mlflowVersion) }
        for prefix in ["/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/"] {
            routes.get(prefix + "server-info", .read("server")) { _ in .json(Self.capabilities) }
        }
    }

    /// Files travel through the server itself, so there is no multipart way around it.
    private static let capabilities: JSON = [
        "store_type": "SqlStore", "workspaces_enabled": false, "trace_archival_enabled": false,
        "multipart_uploads_enabled": false, "multipart_downloads_enabled": false,
        "presigned_upload_run_id_supported": false, "presigned_upload_model_id_supported": false,
        "features_enabled": ["gateway": false],
    ]
}
