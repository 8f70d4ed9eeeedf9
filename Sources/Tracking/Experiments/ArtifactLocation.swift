import Wire

/// Where files are kept, as URIs.
package enum ArtifactLocation {
    package static let maximumLength = 2048

    /// The default place of an experiment: behind this server.
    static func ofExperiment(_ id: ExperimentID) -> String {
        "mlflow-artifacts:/\(id.text)"
    }

    static func ofRun(_ run: String, in experiment: String) -> String {
        appending("\(run)/artifacts", to: experiment)
    }

    static func ofLoggedModel(_ model: String, in experiment: String) -> String {
        appending("models/\(model)/artifacts", to: experiment)
    }

    package static func ofTrace(_ trace: String, in experiment: String) -> String {
        appending("traces/\(trace)/artifacts", to: experiment)
    }

    /// A place that a user chose for an experiment. A relative folder is one of the machine that the server runs on.
    /// - Throws: `FieldProblem` for a place that is too long or that the server must not send files to.
    static func checked(_ location: String, workingFolder: String) throws -> String {
        guard !location.isLonger(than: maximumLength) else {
            throw FieldProblem("'artifact_location' has more than \(maximumLength) characters.")
        }
        guard !location.contains("#") else {
            throw FieldProblem("'artifact_location' URL can't include fragments or params.")
        }
        guard let scheme = location.firstIndex(of: ":").map({ location[..<$0].lowercased() }) else {
            guard !location.hasPrefix("/") else { return location }
            return workingFolder + "/" + (location.hasPrefix("./") ? location.dropFirst(2) : location[...])
        }
        let isElsewhere = ["runs", "http", "https", "ftp"].contains(scheme)
        guard !isElsewhere, !location.hasPrefix("mlflow-artifacts://") else {
            throw FieldProblem(
                "'artifact_location' cannot use '\(location.cut(to: 80))': the place belongs to another host or run.",
                hint: "Leave it out to keep files behind this server, or name a store such as s3://bucket/folder.")
        }
        guard scheme != "mlflow-artifacts" || !location.split(separator: "/").contains("..") else {
            throw FieldProblem("'artifact_location' may not contain '..'.")
        }
        return location
    }

    /// The URI with more path, before its query if it has one.
    private static func appending(_ path: String, to location: String) -> String {
        let isURI = location.utf8.contains(UInt8(ascii: ":"))
        let query = isURI ? location.utf8.firstIndex(of: UInt8(ascii: "?")) : nil
        let base = query.map { location[..<$0] } ?? location[...]
        let tail = query.map { location[$0...] } ?? ""
        return "\(base.utf8.last == UInt8(ascii: "/") ? base.dropLast() : base)/\(path)\(tail)"
    }
}
