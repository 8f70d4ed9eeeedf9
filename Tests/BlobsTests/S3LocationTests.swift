import Testing
import Wire

@testable import Blobs

@Suite struct S3LocationTests {
    private static let credentials = ["AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK"]

    private func location(_ url: String, _ more: [String: String] = [:]) throws -> S3Location {
        try S3Location(url: url, environment: Self.credentials.merging(more) { $1 })
    }

    @Test func aBucketOfAWSIsPartOfTheHost() throws {
        let place = try location("s3://models/team/a/", ["AWS_REGION": "eu-west-1"])
        #expect(place.endpoint.origin == "https://models.s3.eu-west-1.amazonaws.com")
        #expect(place.endpoint.path(of: place.object(try BlobKey("x y"))) == "/team/a/x%20y")
        #expect(place.endpoint.path(of: nil) == "/")
        let dotted = try location("s3://my.models", ["AWS_DEFAULT_REGION": "cn-north-1"])
        #expect(dotted.endpoint.origin == "https://s3.cn-north-1.amazonaws.com.cn")
        #expect(dotted.endpoint.path(of: "a") == "/my.models/a")
    }

    @Test(arguments: [
        (["AWS_ENDPOINT_URL": "http://h:9000"], "http://h:9000", "/models/a"),
        (
            ["AWS_ENDPOINT_URL_S3": "https://s3.example.com:443/", "AWS_ENDPOINT_URL": "http://x"],
            "https://s3.example.com", "/models/a"
        ),
        (
            ["MLFLOW_S3_ENDPOINT_URL": "http://[::1]:9/v1/s3/", "AWS_ENDPOINT_URL": "http://x"], "http://[::1]:9",
            "/v1/s3/models/a"
        ),
    ])
    func aBucketOfAnotherStoreIsPartOfThePath(variables: [String: String], origin: String, path: String) throws {
        let endpoint = try location("s3://models", variables).endpoint
        #expect(endpoint.origin == origin)
        #expect(endpoint.path(of: "a") == path)
    }

    @Test(
        arguments: [
            ("s3://", [:], "does not name a bucket"), ("s3://a", [:], "does not name a bucket"),
            ("s3://models/../x", [:], "Invalid path"),
            ("s3://models", ["AWS_SECRET_ACCESS_KEY": ""], "AWS_SECRET_ACCESS_KEY is not set"),
            ("s3://models", ["AWS_ENDPOINT_URL_S3": "minio:9000"], "AWS_ENDPOINT_URL_S3 is 'minio:9000'"),
        ] as [(String, [String: String], String)])
    func saysWhatIsWrongWithTheSettings(url: String, variables: [String: String], words: String) {
        let error = #expect(throws: BlobError.self) { try location(url, variables) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}
