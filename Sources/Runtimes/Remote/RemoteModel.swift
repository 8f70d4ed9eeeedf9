package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A model that another server runs.
package struct RemoteModel: Sendable, Hashable {
    /// What the other server speaks.
    package enum Dialect: String, Sendable, Hashable, CaseIterable {
        /// The Open Inference Protocol, version 2, over REST: `url` is what comes before `/v2`.
        case openInference = "open-inference"
        /// MLflow's scoring server: `url` is what comes before `/invocations`.
        case mlflow
        /// A container of SageMaker's contract: `url` is posted to as it is.
        case sagemaker
    }

    package let url: String
    package let dialect: Dialect
    /// What the other server knows the model as; only the Open Inference Protocol has a place for it.
    package let model: String?
    package let version: String?
    /// What every request carries, by name, such as `Authorization`.
    package let headers: [String: RemoteHeader]
    /// How long one answer may take.
    package let timeout: Duration
    /// The largest answer that is read.
    package let maximumAnswerBytes: Int

    /// - Throws: `RuntimeError` for a URL that is not one of a web server or holds a password, for a model that is not
    ///   named where it must, and for what is no header.
    package init(
        url: String, dialect: Dialect, model: String? = nil, version: String? = nil,
        headers: [String: RemoteHeader] = [:],
        timeout: Duration = .seconds(30), maximumAnswerBytes: Int = 64 << 20
    ) throws {
        guard let parts = URL(string: url), ["http", "https"].contains(parts.scheme), parts.host()?.isEmpty == false,
            parts.query() == nil || dialect == .sagemaker
        else {
            throw RuntimeError.invalidInput(
                "'\(url)' is not the URL of a server.", hint: "Write it as in 'http://models.internal:8080'.")
        }
        guard parts.user() == nil, parts.password() == nil else {
            throw RuntimeError.invalidInput(
                "The URL of a server holds no user and no password.", hint: "Name them in 'headers' as Authorization.")
        }
        guard dialect != .openInference || model?.isEmpty == false else {
            throw RuntimeError.invalidInput(
                "The model at \(url) has no name.", hint: "Name it with 'model', as the other server knows it.")
        }
        try Self.check(headers)
        self.url = url.hasSuffix("/") && dialect != .sagemaker ? String(url.dropLast()) : url
        self.dialect = dialect
        self.model = model
        self.version = version
        self.headers = headers
        self.timeout = timeout
        self.maximumAnswerBytes = maximumAnswerBytes
    }

    private static func check(_ headers: [String: RemoteHeader]) throws {
        for (name, header) in headers.sorted(by: { $0.key < $1.key }) {
            guard RemoteHeader.isName(name) else {
                throw RuntimeError.invalidInput("'\(name)' is not the name of a header.")
            }
            switch header {
            case .text(let text):
                guard !RemoteHeader.isSecret(name) else {
                    throw RuntimeError.invalidInput(
                        "'\(name)' is a secret, which does not belong here: everybody can read this.",
                        hint: "Write { env: \(RemoteSecrets.variablePrefix)NAME } and set that for the server.")
                }
                guard RemoteHeader.isValue(text) else {
                    throw RuntimeError.invalidInput("What '\(name)' says is no value for a header.")
                }
            case .secret(let variable, let prefix):
                guard variable.hasPrefix(RemoteSecrets.variablePrefix) else {
                    throw RuntimeError.invalidInput(
                        "'\(variable)' may not be sent to other servers.",
                        hint: "Name a variable that begins with \(RemoteSecrets.variablePrefix).")
                }
                guard RemoteHeader.isValue(prefix) else {
                    throw RuntimeError.invalidInput("What stands before the secret of '\(name)' is no text of a line.")
                }
            }
        }
    }

    /// Where predictions are asked for.
    var predictionURL: String {
        switch dialect {
        case .openInference: modelURL + "/infer"
        case .mlflow: url + "/invocations"
        case .sagemaker: url
        }
    }

    /// Where the server says whether the model is ready; nil where it has no such place.
    var healthURL: String? {
        switch dialect {
        case .openInference: modelURL + "/ready"
        case .mlflow: url + "/ping"
        case .sagemaker: url.hasSuffix("/invocations") ? String(url.dropLast("invocations".count)) + "ping" : nil
        }
    }

    var modelURL: String {
        let version = version.map { "/versions/\(Self.segment($0))" } ?? ""
        return "\(url)/v2/models/\(Self.segment(model ?? ""))\(version)"
    }

    /// A name as a part of a path.
    private static func segment(_ name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            let character = Character(UnicodeScalar(byte))
            if character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character)) {
                text.append(character)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
