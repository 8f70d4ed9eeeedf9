import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where objects are in S3 or in a store that speaks like it, and with whose rights they are reached.
package struct S3Location: Sendable {
    package let bucket: String
    /// What every key begins with: empty, or a path that ends with a slash.
    let prefix: String
    let endpoint: S3Endpoint
    let region: String
    let credentials: S3Credentials

    /// Reads `s3://bucket/prefix` and the variables that every S3 program reads.
    /// - Throws: `BlobError` that names the variable that is missing or wrong.
    package init(url: String, environment: [String: String]) throws {
        let parts = url.dropFirst("s3://".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard url.hasPrefix("s3://"), let bucket = parts.first, Self.isBucket(bucket) else {
            throw BlobError(
                .invalidParameterValue, "'\(url)' does not name a bucket.",
                hint: "Use --artifacts s3://BUCKET or s3://BUCKET/PREFIX.")
        }
        let key = try parts.count > 1 ? BlobKey(String(parts[1])) : .root
        let region = Self.first(["AWS_REGION", "AWS_DEFAULT_REGION"], in: environment)?.value ?? "us-east-1"
        self.bucket = String(bucket)
        self.region = region
        prefix = key.path.isEmpty ? "" : key.path + "/"
        credentials = try S3Credentials(environment: environment, url: url)
        let variables = ["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        if let (name, value) = Self.first(variables, in: environment) {
            endpoint = try S3Endpoint(url: value, bucket: self.bucket, variable: name)
        } else {
            endpoint = S3Endpoint(bucket: self.bucket, region: region)
        }
    }

    /// The whole name of an object in the bucket.
    func object(_ key: BlobKey) -> String {
        prefix + key.path
    }

    /// What the whole names of everything below `key` begin with.
    func folder(_ key: BlobKey) -> String {
        key.path.isEmpty ? prefix : "\(prefix)\(key.path)/"
    }

    private static func first(
        _ names: [String], in environment: [String: String]
    ) -> (name: String, value: String)? {
        for name in names {
            if let value = environment[name], !value.isEmpty { return (name, value) }
        }
        return nil
    }

    /// The rules of S3 itself; other stores allow less, and say so.
    private static func isBucket(_ name: Substring) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { S3Encoding.isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }
}

/// What requests are signed with.
struct S3Credentials: Sendable {
    let accessKeyID: String
    let secretAccessKey: String
    /// Comes with credentials that end.
    let sessionToken: String?

    init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    init(environment: [String: String], url: String) throws {
        func variable(_ name: String) throws -> String {
            if let value = environment[name], !value.isEmpty { return value }
            throw BlobError(
                .invalidParameterValue, "\(name) is not set, and artifacts are to be kept in \(url).",
                hint:
                    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for credentials that end).")
        }
        let token = environment["AWS_SESSION_TOKEN"] ?? ""
        self.init(
            accessKeyID: try variable("AWS_ACCESS_KEY_ID"), secretAccessKey: try variable("AWS_SECRET_ACCESS_KEY"),
            sessionToken: token.isEmpty ? nil : token)
    }
}

/// The server that has the bucket, and how the bucket is named to it.
struct S3Endpoint: Sendable {
    let isSecure: Bool
    /// As it is sent in `Host`: with the port, unless it is the usual one.
    let host: String
    /// What every path begins with; no slash at the end.
    let base: String

    /// Of AWS: the bucket is part of the name of the host. One with a dot is not, because no certificate would fit.
    init(bucket: String, region: String) {
        let domain = "s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
        isSecure = true
        host = bucket.contains(".") ? domain : "\(bucket).\(domain)"
        base = bucket.contains(".") ? "/\(bucket)" : ""
    }

    /// Of another store: the bucket begins the path, which all of them understand.
    init(url: String, bucket: String, variable: String) throws {
        guard let parsed = URL(string: url), let name = parsed.host(), !name.isEmpty, parsed.query() == nil,
            let scheme = parsed.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else {
            throw BlobError(
                .invalidParameterValue, "\(variable) is '\(url)', which is not the address of an S3 service.",
                hint: "It looks like https://s3.example.com or http://127.0.0.1:9000.")
        }
        isSecure = scheme == "https"
        let bracketed = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
        let usual = isSecure ? 443 : 80
        host = parsed.port.map { $0 == usual ? bracketed : "\(bracketed):\($0)" } ?? bracketed
        let path = parsed.path(percentEncoded: true)
        base = (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/\(bucket)"
    }

    var origin: String { "\(isSecure ? "https" : "http")://\(host)" }

    /// The path of an object, or of the bucket itself, percent-encoded as it is signed and sent.
    func path(of object: String?) -> String {
        guard let object else { return base.isEmpty ? "/" : base }
        return "\(base)/\(S3Encoding.path(object))"
    }
}
