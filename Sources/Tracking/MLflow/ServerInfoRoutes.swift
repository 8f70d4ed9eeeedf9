package import Web
import Wire

/// What a client asks before it does anything else: which MLflow this is and what it is able to do.
package struct ServerInfoRoutes: Sendable {
    /// The version of MLflow whose contract is spoken here. Clients compare it before they use newer parts of it.
    static let mlflowVersion = "3.17.2"

    private let hasDirectTransfers: Bool

    /// - Parameter hasDirectTransfers: whether clients may send large files past this server.
    package init(hasDirectTransfers: Bool) {
        self.hasDirectTransfers = hasDirectTransfers
    }

    package func routes(into routes: inout Routes) {
        routes.get("/version", .read("server")) { _ in .text(Self.mlflowVersion) }
        for prefix in ["/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/"] {
            routes.get(prefix + "server-info", .read("server")) { _ in .json(capabilities) }
        }
    }

    private var capabilities: JSON {
        [
            "store_type": "SqlStore", "workspaces_enabled": false, "trace_archival_enabled": false,
            "multipart_uploads_enabled": .bool(hasDirectTransfers),
            "multipart_downloads_enabled": .bool(hasDirectTransfers),
            "presigned_upload_run_id_supported": true, "presigned_upload_model_id_supported": true,
            "features_enabled": ["gateway": false],
        ]
    }
}
