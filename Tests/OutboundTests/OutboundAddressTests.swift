import Testing
import Wire

@testable import Outbound

/// Which addresses deliveries may go to.
@Suite struct NetworkAddressTests {
    @Test(arguments: [
        [0, 0, 0, 0], [10, 1, 2, 3], [100, 64, 0, 1], [100, 127, 255, 255], [127, 0, 0, 1], [169, 254, 169, 254],
        [172, 16, 0, 1], [172, 31, 255, 255], [192, 0, 0, 8], [192, 0, 2, 1], [192, 168, 1, 1], [198, 18, 0, 1],
        [198, 19, 255, 255], [198, 51, 100, 1], [203, 0, 113, 9], [224, 0, 0, 1], [240, 0, 0, 1], [255, 255, 255, 255],
    ])
    func areNotPublicOfVersion4(bytes: [UInt8]) {
        #expect(!NetworkAddress(bytes: bytes).isPublic)
        // The same address in a mapped form of version 6.
        #expect(!NetworkAddress(bytes: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes).isPublic)
    }

    @Test(arguments: [
        [1, 1, 1, 1], [8, 8, 8, 8], [100, 63, 255, 255], [100, 128, 0, 0], [172, 15, 0, 1], [172, 32, 0, 1],
        [192, 0, 1, 1], [192, 167, 1, 1], [198, 17, 0, 1], [198, 20, 0, 1], [223, 255, 255, 255],
    ])
    func arePublicOfVersion4(bytes: [UInt8]) {
        #expect(NetworkAddress(bytes: bytes).isPublic)
        #expect(NetworkAddress(bytes: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes).isPublic)
    }

    @Test(
        arguments: [
            ([0], false), ([0xFC, 0], false), ([0xFD, 0x12], false), ([0xFE, 0x80], false), ([0xFF, 0x02], false),
            ([0, 0x64, 0xFF, 0x9B], false), ([0x20, 0x02, 10, 0], false), ([0x20, 0x01, 0, 0], false),
            ([0x20, 0x01, 0x0D, 0xB8], false), ([0x3F, 0xFF, 0x0F], false), ([0x20, 0x01, 0x48, 0x60], true),
            ([0x26, 0x06, 0x47, 0], true), ([0x2A, 0x00], true),
        ] as [([UInt8], Bool)])
    func areToldApartOfVersion6(head: [UInt8], isPublic: Bool) {
        let bytes = head + [UInt8](repeating: 0, count: 15 - head.count) + [1]
        #expect(NetworkAddress(bytes: bytes).isPublic == isPublic)
    }

    @Test func areWrittenAsConnectionsWantThem() {
        #expect(NetworkAddress(bytes: [127, 0, 0, 1]).text == "127.0.0.1")
        let loopback = [UInt8](repeating: 0, count: 15) + [1]
        #expect(NetworkAddress(bytes: loopback).text == "0:0:0:0:0:0:0:1")
    }
}

@Suite struct OutboundAddressTests {
    @Test(
        arguments: [
            ("https://example.org/hook", "example.org", 443), ("https://example.org:8443", "example.org", 8443),
            ("HTTPS://[2a00::1]/x", "2a00::1", 443),
        ])
    func readsAddresses(url: String, host: String, port: Int) throws {
        let address = try OutboundAddress(url, receiver: "webhook", allowsPrivate: false)
        #expect((address.host, address.port) == (host, port))
    }

    @Test(arguments: [
        "", "example.org", "http://example.org", "ftp://example.org", "https://", "https:///x", "file:///etc/passwd",
        "https://user:secret@example.org/", "https://user@example.org/", "https://exa mple.org/", "javascript:alert(1)",
    ])
    func refusesOthers(url: String) {
        #expect(throws: FieldProblem.self) { try OutboundAddress(url, receiver: "webhook", allowsPrivate: false) }
    }

    @Test func takesHTTPWhereItIsAllowed() throws {
        #expect(try OutboundAddress("http://10.0.0.1:80/x", receiver: "webhook", allowsPrivate: true).port == 80)
        #expect(throws: FieldProblem.self) {
            try OutboundAddress("ftp://10.0.0.1/x", receiver: "webhook", allowsPrivate: true)
        }
    }
}
