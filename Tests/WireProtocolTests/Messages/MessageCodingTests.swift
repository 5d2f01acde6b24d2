import NetworkTypes
import Samples
import Testing
import WireProtocol

@Suite struct MessageCodingTests {
    @Test func agentMessagesRoundTrip() throws {
        for message in MessageSamples.agentMessages {
            let bytes = message.encoded()
            #expect(try AgentMessage(decoding: bytes) == message)
            #expect(try AgentMessage(decoding: bytes).encoded() == bytes)
        }
    }

    @Test func collectorMessagesRoundTrip() throws {
        for message in MessageSamples.collectorMessages {
            let bytes = message.encoded()
            #expect(try CollectorMessage(decoding: bytes) == message)
            #expect(try CollectorMessage(decoding: bytes).encoded() == bytes)
        }
    }

    @Test func spooledReportsMakeABatch() throws {
        let reports = MessageSamples.reports
        for report in reports { #expect(try Report(decoding: report.encoded()) == report) }
        let spooled = AgentMessage.encodedReports(reports.map { $0.encoded() })
        #expect(spooled == AgentMessage.reports(ReportBatch(reports)).encoded())
    }

    /// Golden: written by hand from PROTOCOL.md.
    @Test func acknowledgementBytes() {
        var acknowledgement = Acknowledgement()
        acknowledgement.highWater = HighWaterMark(bootEpoch: 3, sequence: 300)
        acknowledgement.credits = 64
        let bytes = CollectorMessage.acknowledge(acknowledgement).encoded()
        #expect(Hexadecimal.encode(bytes).text == "a2" + "0102" + "02a2" + "01a2" + "0103" + "0219012c" + "021840")
    }

    /// Golden: written by hand from PROTOCOL.md.
    @Test func renewalBytes() {
        var request = RenewalRequest()
        request.request = ByteString([0x30, 0x00])
        #expect(Hexadecimal.encode(AgentMessage.renew(request).encoded()).text == "a2" + "0103" + "02a1" + "01423000")
        var answer = RenewalAnswer()
        answer.certificate = ByteString([0x30, 0x01, 0x05])
        answer.issuer = ByteString([0x30, 0x02])
        #expect(
            Hexadecimal.encode(CollectorMessage.certificate(answer).encoded()).text == "a2" + "0105" + "02a2"
                + "0143300105" + "02423002"
        )
        let refusal = CollectorMessage.certificate(RenewalAnswer(refusal: "no"))
        #expect(Hexadecimal.encode(refusal.encoded()).text == "a2" + "0105" + "02a1" + "03626e6f")
    }

    @Test func reportsOfFlowsAreKnownWithoutDecodingThem() {
        for report in MessageSamples.reports {
            var isOfFlows = false
            if case .flows = report.body { isOfFlows = true }
            #expect(Report.isOfFlows(report.encoded()) == isOfFlows, "\(report.body)")
        }
        for bytes in [[], [0x80], [0xA1], [0xA1, 5], [0xA2, 6, 0xA0, 5, 9]] as [[UInt8]] {
            #expect(!Report.isOfFlows(bytes))
        }
        #expect(Report.isOfFlows([0xA2, 1, 3, 5, 9]))
    }

    /// Golden: written by hand from PROTOCOL.md.
    @Test func flowReportBytes() {
        var flow = FlowReport.Flow()
        flow.device = MACAddress(rawValue: 0x0102_0304_0506)
        flow.name = "a.b"
        flow.transport = .tcp
        flow.port = 443
        flow.address = IPAddress(v4: 0xC000_0207)
        flow.count = 2
        var report = FlowReport()
        report.flows = [flow]
        let map = "a6" + "011b0000010203040506" + "0263612e62" + "0306" + "041901bb" + "0602" + "0944c0000207"
        #expect(Hexadecimal.encode(report.encoded()).text == "a1" + "0181" + map)
    }

    @Test(
        "flows that cannot be, are refused",
        arguments: [
            // Without an address; one of five bytes; a direction that is none; a name in another form than names have,
            // one that is none, one of what is not beyond the gateway; a device of more than 48 bits; a port of 17 bits.
            "a10602", "a10945c000020701", "a205030944c0000207", "a20261410944c0000207", "a20261200944c0000207",
            "a3026161" + "0501" + "0944c0000207", "a2011b00010000000000000944c0000207", "a2041a000100000944c0000207",
        ]
    )
    func impossibleFlows(_ flow: String) throws {
        let bytes = try #require(Hexadecimal.decode(ByteString(utf8: "a10181" + flow)))
        #expect(throws: DecodeError.self) { try FlowReport(decoding: bytes) }
    }

    @Test func flowsBeyondTheLimitAreCutAndRefused() throws {
        var report = FlowReport()
        report.flows = Array(repeating: FlowReport.Flow(), count: FlowReport.maximumFlowCount + 1)
        #expect(try FlowReport(decoding: report.encoded()).flows.count == FlowReport.maximumFlowCount)
        // A head of 65 elements.
        var bytes: [UInt8] = [0xA1, 1, 0x98, 65]
        for flow in report.flows { bytes += flow.encoded() }
        let error = #expect(throws: DecodeError.self) { try FlowReport(decoding: bytes) }
        #expect(error?.reason == .limitExceeded)
    }

    @Test func longRequestsAndCertificatesAreRefused() throws {
        var request = RenewalRequest()
        request.request = ByteString([UInt8](repeating: 1, count: RenewalRequest.maximumBytes))
        #expect(try AgentMessage(decoding: AgentMessage.renew(request).encoded()) == .renew(request))
        request.request.append(byte: 1)
        var error = #expect(throws: DecodeError.self) {
            try AgentMessage(decoding: AgentMessage.renew(request).encoded())
        }
        #expect(error?.reason == .limitExceeded)
        var answer = RenewalAnswer()
        answer.issuer = ByteString([UInt8](repeating: 1, count: RenewalAnswer.maximumCertificateBytes + 1))
        error = #expect(throws: DecodeError.self) {
            try CollectorMessage(decoding: CollectorMessage.certificate(answer).encoded())
        }
        #expect(error?.reason == .limitExceeded)
    }

    @Test func everyPrefixIsRefused() {
        for message in MessageSamples.agentMessages {
            let bytes = message.encoded()
            for length in 0..<bytes.count {
                #expect(throws: DecodeError.self) { try AgentMessage(decoding: Array(bytes[..<length])) }
            }
        }
        for message in MessageSamples.collectorMessages {
            let bytes = message.encoded()
            for length in 0..<bytes.count {
                #expect(throws: DecodeError.self) { try CollectorMessage(decoding: Array(bytes[..<length])) }
            }
        }
    }

    /// What still decodes after a mutation must be in canonical form: it encodes to a message that decodes to itself.
    @Test func mutationsDecodeOrThrow() {
        let seed = UInt64.random(in: 1...UInt64.max)
        print("MessageCodingTests.mutationsDecodeOrThrow seed \(seed)")
        var random = Xorshift(seed: seed)
        for message in MessageSamples.agentMessages {
            let original = message.encoded()
            for _ in 0..<3000 {
                var bytes = original
                for _ in 0...(random.next() % 3) {
                    let index = Int(random.next() % UInt64(bytes.count))
                    switch random.next() % 3 {
                    case 0: bytes[index] ^= 1 << UInt8(random.next() % 8)
                    case 1: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                    default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                    }
                }
                guard let decoded = try? AgentMessage(decoding: bytes) else { continue }
                #expect((try? AgentMessage(decoding: decoded.encoded())) == decoded, "seed \(seed)")
            }
        }
    }

    @Test func trailingBytesAreRefused() {
        let bytes = AgentMessage.hello(MessageSamples.hello).encoded()
        #expect(throws: DecodeError(.trailingBytes, at: bytes.count)) { try AgentMessage(decoding: bytes + [0]) }
    }

    @Test func unknownKeysAreSkippedAndUnknownKindsAreNot() throws {
        // {1: 3, 2: {1: "d", 9: [1, {2: h''}]}, 7: "later"}
        let release = try #require(Hexadecimal.decode("a301040 2a201616409820 1a10240 07656c61746572".filterSpaces))
        guard case .release(let decoded) = try CollectorMessage(decoding: release) else {
            Issue.record("not a release")
            return
        }
        #expect(decoded.device == "d")
        let unknownKind = try #require(Hexadecimal.decode("a2011863 02a0".filterSpaces))
        #expect(throws: DecodeError(.unsupported, at: 5)) { try CollectorMessage(decoding: unknownKind) }
        // {1: 4, 2: {-1: 0}}: a key below 0 may not be skipped.
        let critical = try #require(Hexadecimal.decode("a2010402a12000"))
        #expect(throws: DecodeError(.unsupported, at: 5)) { try CollectorMessage(decoding: critical) }
    }

    @Test func hugeClaimsAreRefused() {
        // 64 MiB: beyond what a message may have, whatever is inside.
        let large = [UInt8](repeating: 0x81, count: 64 << 20)
        #expect(throws: DecodeError(.limitExceeded, at: ProtocolVersion.maximumMessageBytes)) {
            try AgentMessage(decoding: large)
        }
        // Claims to be followed by 64 MiB.
        #expect(throws: DecodeError.self) {
            try CollectorMessage(decoding: [0xA2, 1, 3, 2, 0xA1, 1, 0x5A, 4, 0, 0, 0])
        }
        let deep = [0xA2, 1, 1, 2, 0xA1, 0x18, 0x63] + [UInt8](repeating: 0x81, count: 10_000) + [0]
        let error = #expect(throws: DecodeError.self) { try AgentMessage(decoding: deep) }
        #expect(error?.reason == .limitExceeded)
    }

    @Test func tooManyReportsAreRefused() {
        var encoder = CBOREncoder()
        encoder.map {
            $0.unsigned(1, 2)
            $0.item(2) {
                $0.array(count: ReportBatch.maximumCount + 1)
                for _ in 0...ReportBatch.maximumCount { $0.append(encoded: MessageSamples.reports[7].encoded()) }
            }
        }
        let error = #expect(throws: DecodeError.self) { try AgentMessage(decoding: encoder.encoded) }
        #expect(error?.reason == .limitExceeded)
    }

    @Test func whatDevicesSayIsMadeText() throws {
        var device = DeviceReport()
        device.key = "mac:ac:cc:8e:01:02:03"
        device.hostname = ByteString([0x63, 0x61, 0x6D, 0xFF])
        device.model = ByteString([UInt8](repeating: 0x41, count: 5000))
        device.evidence = [EvidenceReport](repeating: MessageSamples.evidence, count: 100)
        let report = Report(bootEpoch: 1, sequence: 1, severity: .notice, timeMilliseconds: 1, body: .device(device))
        guard case .device(let decoded) = try Report(decoding: report.encoded()).body else {
            Issue.record("not a device")
            return
        }
        #expect(decoded.hostname == "cam\u{FFFD}")
        #expect(decoded.model.count == MessageLimits.textBytes)
        #expect(decoded.evidence.count == DeviceReport.maximumEvidenceCount)
    }
}

extension String {
    fileprivate var filterSpaces: ByteString { ByteString(Array(utf8.filter { $0 != 0x20 })) }
}

/// Marsaglia's xorshift: small, and the same on every machine.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed == 0 ? 1 : seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
