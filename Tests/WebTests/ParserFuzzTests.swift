import TestSupport
import Testing
import Wire

@testable import Web

/// Random damage to what comes in headers and addresses.
@Suite struct ParserFuzzTests {
    @Test func aDamagedRangeLiesWithinTheFileOrIsRefused() {
        var random = SeededNumbers(seed: 21)
        let headers = [
            "bytes=0-99", "bytes=-5", "bytes=90-", "bytes=0-1,4-5", "Bytes=9223372036854775807-9223372036854775808",
        ]
        for round in 0..<20_000 {
            let bytes = random.damaged(Array(headers[round % headers.count].utf8), alphabet: "bytes=-,0123456789 ")
            let header = String(decoding: bytes, as: UTF8.self)
            let total = [0, 1, 100, Int.max][round % 4]
            do {
                guard let range = try ByteRange(header: header, total: total) else { continue }
                #expect(range.bytes.lowerBound >= 0 && range.bytes.upperBound <= total && !range.bytes.isEmpty)
            } catch {
                #expect((error as? WebError)?.code == .rangeNotSatisfiable, "\(header): \(error)")
            }
        }
    }

    @Test func aDamagedQueryIsReadOrRefused() {
        var random = SeededNumbers(seed: 22)
        let query = "run_id=4f&path=a%2Fb%20c&filter=tags.a+%3D+%27%C3%A9%27&x&=y&&"
        for _ in 0..<10_000 {
            let bytes = random.damaged(Array(query.utf8), alphabet: "%&=+;#?0aF")
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let parameters = try QueryString.parameters(of: text)
                #expect(parameters.count <= text.utf8.count)
            } catch {
                #expect((error as? WebError)?.code == .invalidParameterValue, "\(text): \(error)")
            }
        }
    }

    @Test func aDamagedPageTokenIsAnOffsetOrRefused() {
        var random = SeededNumbers(seed: 23)
        let token = Array(PageToken(offset: 1_234_567).text.utf8)
        for _ in 0..<10_000 {
            let text = String(decoding: random.damaged(token, alphabet: "eyJ=+/-_ABab01"), as: UTF8.self)
            do {
                let offset = try PageToken(text).offset
                #expect(offset > 0 && offset <= Int(Int32.max), "\(text)")
            } catch {
                #expect((error as? FieldProblem)?.code == .invalidParameterValue, "\(text): \(error)")
            }
        }
    }
}
