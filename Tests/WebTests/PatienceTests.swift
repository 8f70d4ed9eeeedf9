import NIOCore
import Testing

@testable import Web

@Suite struct PatienceTests {
    private static let limits: ServerLimits = {
        var limits = ServerLimits()
        limits.silence = .seconds(60)
        limits.patience = .seconds(10)
        limits.leastBytes = 1000
        return limits
    }()

    private static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .seconds(seconds) }

    private var patience = Patience(limits: limits, now: at(0))

    @Test mutating func aConnectionMayBeIdleForAWhile() {
        patience.asked(at: Self.at(0))
        #expect(patience.look(at: Self.at(10)) == .fine)
        #expect(patience.look(at: Self.at(59)) == .fine)
        #expect(patience.look(at: Self.at(60)) == .silent)
    }

    @Test mutating func aBodyMustComeOnceItIsAskedFor() {
        patience.gotHead(at: Self.at(1))
        patience.asked(at: Self.at(1))
        patience.got(999, at: Self.at(5))
        patience.asked(at: Self.at(5))
        // The first of the ten seconds was before the request.
        #expect(patience.look(at: Self.at(10)) == .slowBody)
        patience.got(1000, at: Self.at(19))
        patience.asked(at: Self.at(19))
        #expect(patience.look(at: Self.at(20)) == .fine)
        #expect(patience.look(at: Self.at(30)) == .slowBody)
    }

    @Test mutating func aStreamMaySayNothingForLonger() {
        patience.gotHead(at: Self.at(0))
        patience.streams()
        patience.asked(at: Self.at(0))
        for seconds in stride(from: Int64(10), to: 300, by: 10) {
            #expect(patience.look(at: Self.at(seconds)) == .fine)
        }
        patience.got(1, at: Self.at(295))
        patience.asked(at: Self.at(295))
        #expect(patience.look(at: Self.at(594)) == .fine)
        #expect(patience.look(at: Self.at(595)) == .silent)
        // What comes after it on the connection is no stream.
        patience.gotEnd(at: Self.at(600))
        patience.answered(at: Self.at(600))
        patience.gotHead(at: Self.at(600))
        patience.asked(at: Self.at(600))
        _ = patience.look(at: Self.at(600))
        #expect(patience.look(at: Self.at(610)) == .slowBody)
    }

    @Test mutating func aStreamMustTakeItsAnswers() {
        patience.gotHead(at: Self.at(0))
        patience.streams()
        patience.writable(false, at: Self.at(0))
        #expect(patience.look(at: Self.at(10)) == .slowReader)
    }

    @Test mutating func aBodyThatTheServerDoesNotAskForIsNotSlow() {
        patience.gotHead(at: Self.at(0))
        #expect(patience.look(at: Self.at(10)) == .fine)
        patience.asked(at: Self.at(15))
        #expect(patience.look(at: Self.at(20)) == .fine)
        #expect(patience.look(at: Self.at(30)) == .slowBody)
    }

    @Test mutating func anAnswerMayTakeItsTime() {
        patience.gotHead(at: Self.at(0))
        patience.gotEnd(at: Self.at(0))
        patience.asked(at: Self.at(0))
        #expect(patience.look(at: Self.at(1000)) == .fine)
        patience.answered(at: Self.at(1000))
        #expect(patience.look(at: Self.at(1059)) == .fine)
        #expect(patience.look(at: Self.at(1060)) == .silent)
    }

    @Test mutating func aBodyThatWasAnsweredEarlyKeepsNothingOpen() {
        patience.gotHead(at: Self.at(0))
        patience.answered(at: Self.at(1))
        #expect(patience.look(at: Self.at(10)) == .fine)
        #expect(patience.look(at: Self.at(20)) == .silent)
    }

    @Test mutating func anAnswerMustBeTaken() {
        patience.gotHead(at: Self.at(0))
        patience.gotEnd(at: Self.at(0))
        patience.writable(false, at: Self.at(1))
        #expect(patience.look(at: Self.at(10)) == .fine)
        patience.writable(true, at: Self.at(11))
        patience.writable(false, at: Self.at(12))
        #expect(patience.look(at: Self.at(20)) == .fine)
        #expect(patience.look(at: Self.at(30)) == .slowReader)
    }
}
