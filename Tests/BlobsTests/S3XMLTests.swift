import Testing
import Wire

@testable import Blobs

@Suite struct S3XMLTests {
    @Test func readsAListing() throws {
        let root = try #require(
            S3XML.parse(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- a > comment -->
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                  <IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>
                  <Contents><Key>a+%2B%C3%BC</Key><Size>12</Size><ETag>&quot;x&#34;</ETag>
                    <LastModified>2013-05-24T00:00:00.000Z</LastModified><Owner/></Contents>
                  <CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>
                </ListBucketResult>
                """))
        let page = S3Page(root)
        #expect(page.next == "a&b")
        #expect(page.folders == ["d/"])
        let object = try #require(page.objects.first)
        #expect(object.name == "a +ü")
        #expect(object.sizeBytes == 12)
        #expect(object.revision == "x")
        #expect(object.modifiedAt == Timestamp(milliseconds: 1_369_353_600_000))
    }

    @Test(arguments: ["", "text", "<a>", "<a><b></a>", "<a", "<a></b>", String(repeating: "<a>", count: 100)])
    func refusesWhatIsNotWhole(text: String) {
        #expect(S3XML.parse(text) == nil)
    }

    @Test func readsTheTimesOfHeaders() {
        #expect(Timestamp(httpDate: "Fri, 24 May 2013 00:00:00 GMT") == Timestamp(milliseconds: 1_369_353_600_000))
        #expect(Timestamp(httpDate: "yesterday") == nil)
    }
}
