import NetworkTypes
import Testing

@testable import AgentCore

@Suite struct DNSStreamTests {
    /// A message of 12 bytes or more with an identifier.
    static func message(_ identifier: UInt16, _ length: Int = 20) -> [UInt8] {
        [UInt8(identifier >> 8), UInt8(identifier & 0xFF)] + [UInt8](repeating: 7, count: length - 2)
    }

    static func framed(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes }

    /// Opens a stream with one question, whose identifier on the wire is 7.
    static func opened() -> DNSStream {
        var stream = DNSStream(entropy: 7)
        #expect(stream.ask(query: 1, bytes: message(0xBEEF), nowMilliseconds: 0) == .connect)
        #expect(stream.opened(nowMilliseconds: 10) == framed(message(7)))
        return stream
    }

    @Test func questionsWaitForTheConnectionAndGoOutTogether() {
        var stream = DNSStream(entropy: 0xFFFF)
        #expect(stream.ask(query: 1, bytes: Self.message(0xBEEF), nowMilliseconds: 0) == .connect)
        #expect(stream.ask(query: 2, bytes: Self.message(0xBEEF, 30), nowMilliseconds: 1) == .queued)
        #expect(
            stream.opened(nowMilliseconds: 2) == Self.framed(Self.message(0xFFFF)) + Self.framed(Self.message(0, 30))
        )
        #expect(
            stream.ask(query: 3, bytes: Self.message(5), nowMilliseconds: 3) == .send(Self.framed(Self.message(1)))
        )
        #expect(stream.count == 3)
    }

    @Test func answersComeInAnyOrderAndInAnyPieces() throws {
        var stream = Self.opened()
        let second = stream.ask(query: 2, bytes: Self.message(0xBEEF), nowMilliseconds: 11)
        #expect(second == .send(Self.framed(Self.message(8))))
        let bytes = Self.framed(Self.message(8, 40)) + Self.framed(Self.message(99)) + Self.framed(Self.message(7))
        for step in [1, 3, 64, 1000] {
            var copy = stream
            var answers: [(query: UInt64, bytes: [UInt8])] = []
            var start = 0
            while start < bytes.count {
                let end = Swift.min(start + step, bytes.count)
                answers += try copy.received(Array(bytes[start..<end]), nowMilliseconds: 20)
                start = end
            }
            #expect(answers.map { $0.query } == [2, 1])
            #expect(answers.map { $0.bytes } == [Self.message(0xBEEF, 40), Self.message(0xBEEF)])
            #expect(copy.count == 0 && copy.strayCount == 1 && copy.isProven)
            // The same answer once more belongs to nothing.
            #expect(try copy.received(Self.framed(Self.message(7)), nowMilliseconds: 21).isEmpty)
            #expect(copy.strayCount == 2)
        }
    }

    @Test func messageWithoutAHeaderIsNoDNS() {
        var stream = Self.opened()
        #expect(throws: DNSStream.Failure.malformed) {
            try stream.received([0, 11] + [UInt8](repeating: 0, count: 11), nowMilliseconds: 20)
        }
    }

    @Test func questionsHaveALimitAndIdentifiersOfTheirOwn() throws {
        var stream = Self.opened()
        var identifiers: [UInt16] = [7]
        for query in 2...UInt64(DNSLimits.streamQuestions) {
            guard case .send(let bytes) = stream.ask(query: query, bytes: Self.message(1), nowMilliseconds: 20) else {
                Issue.record("question \(query) was not sent")
                return
            }
            identifiers.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        }
        #expect(Set(identifiers).count == DNSLimits.streamQuestions)
        #expect(stream.ask(query: 1000, bytes: Self.message(1), nowMilliseconds: 20) == .refused)
        #expect(stream.overflowCount == 1)
        _ = try stream.received(Self.framed(Self.message(identifiers[9])), nowMilliseconds: 21)
        #expect(stream.ask(query: 1000, bytes: Self.message(1), nowMilliseconds: 22) != .refused)
    }

    @Test func lostQuestionsComeBackAndAnUpstreamThatFailedRests() throws {
        var stream = DNSStream(entropy: 0)
        var now: UInt64 = 1000
        var rests: [UInt64] = []
        for _ in 0..<9 {
            #expect(stream.ask(query: 1, bytes: Self.message(1), nowMilliseconds: now) == .connect)
            #expect(stream.ask(query: 2, bytes: Self.message(1), nowMilliseconds: now) == .queued)
            #expect(stream.closed(nowMilliseconds: now, entropy: 0) == [1, 2])
            let start = now
            while stream.ask(query: 3, bytes: Self.message(1), nowMilliseconds: now) == .refused { now += 250 }
            rests.append(now - start)
            #expect(stream.closed(nowMilliseconds: now, entropy: 0) == [3])
            now += 60_000
        }
        // Two failures a turn; half of the bound where there is no luck.
        #expect(rests == [500, 2000, 8000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000])
        #expect(stream.ask(query: 1, bytes: Self.message(1), nowMilliseconds: now) == .connect)
        let waiting = stream.opened(nowMilliseconds: now)
        _ = try stream.received(Self.framed(Array(waiting[2...])), nowMilliseconds: now)
        #expect(stream.isProven && stream.closed(nowMilliseconds: now, entropy: 0).isEmpty)
        #expect(stream.ask(query: 1, bytes: Self.message(1), nowMilliseconds: now) == .connect)
    }

    @Test func connectionThatTakesTooLongOrSaysNothingFails() throws {
        var opening = DNSStream(entropy: 0)
        _ = opening.ask(query: 1, bytes: Self.message(1), nowMilliseconds: 0)
        #expect(opening.tick(nowMilliseconds: DNSLimits.streamOpeningMilliseconds - 1) == nil)
        #expect(opening.tick(nowMilliseconds: DNSLimits.streamOpeningMilliseconds) != nil)
        var silent = Self.opened()
        _ = silent.ask(query: 2, bytes: Self.message(1), nowMilliseconds: 100)
        #expect(silent.tick(nowMilliseconds: 14_999) == nil)
        #expect(silent.tick(nowMilliseconds: 15_100) == .failure("it no longer answers"))
        // One slow name among others is not the connection's fault.
        var slow = Self.opened()
        _ = slow.ask(query: 2, bytes: Self.message(1), nowMilliseconds: 100)
        _ = try slow.received(Self.framed(Self.message(8)), nowMilliseconds: 200)
        #expect(slow.tick(nowMilliseconds: 15_100) == nil && slow.count == 0)
    }

    @Test func idleConnectionIsClosed() throws {
        var stream = Self.opened()
        _ = try stream.received(Self.framed(Self.message(7)), nowMilliseconds: 100)
        #expect(stream.tick(nowMilliseconds: 30_099) == nil)
        #expect(stream.tick(nowMilliseconds: 30_100) == .idle)
    }
}
