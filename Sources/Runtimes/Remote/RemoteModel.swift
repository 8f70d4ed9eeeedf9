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
    /// What every request carries, such as `Authorization`. Secret: never logged, never part of a message.
    package let headers: [String: String]
    /// How long one answer may take.
    package let timeout: Duration
    /// The largest answer that is read.
    package let maximumAnswerBytes: Int

    /// - Throws: `RuntimeError` for a URL that is not one of a web server, and for a model that is not named where it must.
    package init(
        url: String, dialect: Dialect, model: String? = nil, version: String? = nil, headers: [String: String] = [:],
        timeout: Duration = .seconds(30), maximumAnswerBytes: Int = 64 << 20
    ) throws {
        guard let parts = URL(string: url), ["http", "https"].contains(parts.scheme), parts.host()?.isEmpty == false,
            parts.query() == nil || dialect == .sagemaker
        else {
            throw RuntimeError.invalidInput(
                "'\(url)' is not the URL of a server.", hint: "Write it as in 'http://models.internal:8080'.")
        }
        guard dialect != .openInference || model?.isEmpty == false else {
            throw RuntimeError.invalidInput(
                "The model at \(url) has no name.", hint: "Name it with 'model', as the other server knows it.")
        }
        if let name = headers.keys.first(where: { !Self.isHeaderName($0) }) {
            throw RuntimeError.invalidInput("'\(name)' is not the name of a header.")
        }
        self.url = url.hasSuffix("/") && dialect != .sagemaker ? String(url.dropLast()) : url
        self.dialect = dialect
        self.model = model
        self.version = version
        self.headers = headers
        self.timeout = timeout
        self.maximumAnswerBytes = maximumAnswerBytes
    }

    private static func isHeaderName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
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
