import NIOCore
import NIOHTTP1
import Wire

/// One call of S3, before it is signed.
struct S3Request: Sendable {
    /// What it is for, as an error message says it: "store 'a/b'".
    let purpose: String
    let method: HTTPMethod
    /// The whole name of an object; nil for the bucket itself.
    var object: String?
    var query: [(name: String, value: String)] = []
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var body: ByteBuffer?
}

/// Why S3 did not do what it was asked.
struct S3Refusal: Error {
    /// 0 when there was no answer.
    let status: Int
    /// Such as `NoSuchKey`; empty when S3 gives none, as with HEAD.
    let code: String
    let message: String
    /// When S3 wants to be asked again.
    var retryAfterSeconds: Int?
    /// Where the bucket is, when it was asked for elsewhere.
    var bucketRegion: String?

    /// Whether the same request may succeed a moment later.
    var mayPass: Bool {
        status == 0 || status == 429 || status >= 500 && status != 501 && status != 507
            || ["SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable"].contains(code)
    }

    /// The refusal for people and clients.
    func problem(_ request: S3Request, in location: S3Location) -> BlobError {
        let place = "the bucket '\(location.bucket)' at \(location.endpoint.origin)"
        let said = [code, message].filter { !$0.isEmpty }.joined(separator: ": ")
        let words = said.isEmpty ? "status \(status)" : said
        if status == 0 {
            return BlobError(
                .unavailable, "The artifact store at \(location.endpoint.origin) does not answer (\(message)).",
                hint: "It was asked to \(request.purpose). Check the service and AWS_ENDPOINT_URL_S3.",
                retryAfterSeconds: retryAfterSeconds ?? Self.pauseSeconds)
        }
        if mayPass {
            return BlobError(
                .unavailable, "The artifact store is not able to \(request.purpose) now (\(words)).",
                hint: "Try again in a moment.", retryAfterSeconds: retryAfterSeconds ?? Self.pauseSeconds)
        }
        switch (status, code) {
        case (_, "NoSuchBucket"):
            return BlobError(
                .doesNotExist, "There is no \(place.dropFirst("the ".count)).",
                hint: "Make it, or name another with --artifacts s3://BUCKET/PREFIX.")
        case (_, "NoSuchUpload"):
            return BlobError(
                .doesNotExist, "There is no such upload in parts: it was completed, aborted, or never begun.")
        case (404, _): return BlobError(.doesNotExist, "No such artifact: cannot \(request.purpose).")
        case (412, _):
            return BlobError(.conflict, "It was replaced while it was read: cannot \(request.purpose).")
        case (507, _):
            return BlobError(.storageFull, "The artifact store is full (\(words)); cannot \(request.purpose).")
        case (301, _), (_, "AuthorizationHeaderMalformed"), (_, "PermanentRedirect"):
            let region = bucketRegion ?? "the region of the bucket"
            return BlobError(
                .invalidParameterValue, "\(location.region) is not the region of \(place) (\(words)).",
                hint: "Set AWS_REGION to \(region).")
        case (401, _), (403, _):
            return BlobError(
                .permissionDenied, "The artifact store does not let this server \(request.purpose) (\(words)).",
                hint: Self.adviceOnAccess(code, place))
        default:
            return BlobError(.badRequest, "The artifact store refused to \(request.purpose) (\(words)).")
        }
    }

    private static let pauseSeconds = 5

    private static func adviceOnAccess(_ code: String, _ place: String) -> String {
        switch code {
        case "InvalidAccessKeyId", "SignatureDoesNotMatch":
            "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
            "The credentials have ended: set new ones and start the server again."
        case "RequestTimeTooSkewed": "The clock of this machine is wrong by more than 15 minutes: set it."
        default:
            "It needs s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on \(place)."
        }
    }
}
