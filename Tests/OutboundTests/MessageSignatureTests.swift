import Testing

@testable import Outbound

@Suite struct MessageSignatureTests {
    /// The value was computed with Python's hmac module.
    @Test func signaturesAreThoseOfTheContract() {
        let signature = MessageSignature.signature(of: "{}", id: "id-1", time: "1700000000", secret: "key")
        #expect(signature == "v1,E98AYSNogJnwNU702HYvoYIu/imf0sHzkTbSuarQAx8=")
    }
}
