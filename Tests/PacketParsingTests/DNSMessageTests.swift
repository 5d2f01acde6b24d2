import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("DNS messages")
struct DNSMessageTests {
    /// Written by hand after RFC 1035 §4.1: one question, a CNAME, an A record, an OPT record of 1,232 bytes.
    static let reply = bytes(
        """
        1234 8180 0001 0002 0000 0001
        03 777777 07 6578616d706c65 03 636f6d 00 0001 0001
        c00c 0005 0001 0000012c 0006 03 63646e c010
        c02d 0001 0001 0000003c 0004 c6336407
        00 0029 04d0 00008000 0000
        """
    )

    @Test("a reply with CNAME, A and OPT")
    func parsesReply() throws {
        let message = try decode(DNSMessageTests.reply) { reader throws(DecodeError) in
            try DNSMessage(parsing: &reader)
        }
        #expect(message.identifier == 0x1234)
        #expect(message.flags.isResponse && message.flags.recursionAvailable && !message.flags.isTruncated)
        #expect(message.questions.map(\.name.description) == ["www.example.com"])
        #expect(message.answers[0].target?.description == "cdn.example.com")
        #expect(message.answers[1].name.description == "cdn.example.com")
        #expect(message.answers[1].address == IPAddress("198.51.100.7"))
        #expect(message.payloadLength == 1232)
        #expect(message.wantsDNSSEC)
        #expect(message.shortestTimeToLiveSeconds == 60)
    }

    @Test("written again it is the same, byte for byte")
    func roundTrip() throws {
        let message = try decode(DNSMessageTests.reply) { reader throws(DecodeError) in
            try DNSMessage(parsing: &reader)
        }
        #expect(message.encoded() == DNSMessageTests.reply)
    }

    @Test("times to live: limited in the message, found in the bytes")
    func timesToLive() throws {
        var message = try decode(DNSMessageTests.reply) { reader throws(DecodeError) in
            try DNSMessage(parsing: &reader)
        }
        message.limitTimesToLive(toSeconds: 90)
        #expect(message.answers.map(\.timeToLiveSeconds) == [90, 60])
        #expect(message.wantsDNSSEC)
        let offsets = try decode(DNSMessageTests.reply) { reader throws(DecodeError) in
            try DNSMessage.timeToLiveOffsets(parsing: &reader)
        }
        #expect(offsets.count == 2)
        for (offset, expected) in zip(offsets, [300, 60] as [UInt32]) {
            let value = DNSMessageTests.reply[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            #expect(value == expected)
        }
    }

    /// Every type that is taken apart, with names that share endings.
    static func everyType() throws -> DNSMessage {
        let host = try #require(DNSName(labels: ["host", "example", "net"]))
        let other = try #require(DNSName(labels: ["Other", "example", "net"]))
        let instance = try #require(DNSName(labels: ["AXIS M3045-V. Hall", "_http", "_tcp", "local"]))
        func record(_ type: DNSRecordType, _ data: DNSRecordData) -> DNSRecord {
            DNSRecord(name: host, type: type, timeToLiveSeconds: 7, data: data)
        }
        let v4 = try #require(IPAddress("192.0.2.1"))
        let v6 = try #require(IPAddress("2001:db8::1"))
        var flags = DNSFlags(rawValue: 0)
        flags.isResponse = true
        return DNSMessage(
            identifier: 7,
            flags: flags,
            questions: [DNSQuestion(name: instance, type: .any)],
            answers: [
                DNSRecord(name: host, address: v4, timeToLiveSeconds: 1),
                DNSRecord(name: host, address: v6, timeToLiveSeconds: 2),
                record(.cname, .name(other)), record(.ptr, .name(instance)), record(.ns, .name(.root)),
                record(.srv, .service(priority: 1, weight: 2, port: 443, target: other)),
                record(.mx, .mailExchange(preference: 10, host: other)),
                record(.soa, .startOfAuthority(primary: host, mailbox: other, numbers: [1, 2, 3, 4, 5])),
                record(.txt, .text(["a=b", "", "c"])), record(DNSRecordType(rawValue: 65280), .raw([1, 2, 3])),
            ]
        )
    }

    @Test("every record type round-trips")
    func everyTypeRoundTrips() throws {
        let message = try DNSMessageTests.everyType()
        let encoded = message.encoded()
        let again = try decode(encoded) { reader throws(DecodeError) in try DNSMessage(parsing: &reader) }
        #expect(again == message)
        #expect(again.encoded() == encoded)
        #expect(again.answers[2].target?.labels[0] == "Other", "the case is kept")
    }

    @Test("what does not fit is cut with TC, keeping question and OPT")
    func truncation() throws {
        var message = try DNSMessageTests.everyType()
        message.additionals = [DNSMessage.extensionRecord(payloadLength: 512)]
        let address = try #require(IPAddress("192.0.2.9"))
        message.additionals += (0..<100).map { _ in
            DNSRecord(name: message.questions[0].name, address: address, timeToLiveSeconds: 1)
        }
        let whole = message.encoded()
        #expect(whole.count > 1000)
        let lean = try decode(message.encoded(maximumLength: 512)) { reader throws(DecodeError) in
            try DNSMessage(parsing: &reader)
        }
        #expect(!lean.flags.isTruncated)
        #expect(lean.answers.count == message.answers.count)
        #expect(lean.additionals.count == 1)
        let cut = try decode(message.encoded(maximumLength: 100)) { reader throws(DecodeError) in
            try DNSMessage(parsing: &reader)
        }
        #expect(cut.flags.isTruncated)
        #expect(cut.answers.isEmpty)
        #expect(cut.questions == message.questions)
        #expect(cut.extensionRecord != nil)
    }

    @Test("a reply takes over identifier, question and RD")
    func replyTo() throws {
        var flags = DNSFlags(rawValue: 0)
        flags.recursionDesired = true
        let question = DNSQuestion(name: try #require(DNSName(labels: ["a"])), type: .aaaa)
        let query = DNSMessage(identifier: 99, flags: flags, questions: [question])
        let reply = query.reply(.nameError)
        #expect(reply.identifier == 99 && reply.flags.isResponse && reply.flags.recursionDesired)
        #expect(reply.flags.responseCode == .nameError)
        #expect(reply.questions == [question])
        #expect(reply.extensionRecord == nil)
    }

    static let hostile: [(what: String, message: String)] = [
        ("a pointer to itself", "0001 0000 0001 0000 0000 0000 c00c 0001 0001"),
        ("two pointers in a ring", "0001 0000 0001 0000 0000 0000 c00e c00c 0001 0001"),
        ("a pointer ahead", "0001 0000 0001 0000 0000 0000 c010 0001 0001 00"),
        ("a label and a pointer to it", "0001 0000 0001 0000 0000 0000 0161 c00c 0001 0001"),
        ("a label kind of 01", "0001 0000 0001 0000 0000 0000 4161 00 0001 0001"),
        ("65,535 questions", "0001 0000 ffff 0000 0000 0000 00 0001 0001"),
        ("196,605 records", "0001 8000 0000 ffff ffff ffff 00 0001 0001"),
        ("an A record of 5 bytes", "0001 8000 0000 0001 0000 0000 00 0001 0001 00000001 0005 0102030405"),
        ("data past the end", "0001 8000 0000 0001 0000 0000 00 0010 0001 00000001 00ff 0102"),
        ("a TXT string past its record", "0001 8000 0000 0001 0000 0000 00 0010 0001 00000001 0002 0561 62636465"),
    ]

    @Test("refused", arguments: hostile.indices)
    func refuses(_ index: Int) {
        let (what, message) = DNSMessageTests.hostile[index]
        #expect(throws: DecodeError.self, "\(what)") {
            try decode(bytes(message)) { reader throws(DecodeError) in try DNSMessage(parsing: &reader) }
        }
    }

    @Test("a name of 255 bytes passes, one of 256 does not")
    func nameLength() {
        func name(_ lastLabel: Int) -> [UInt8] {
            var wire: [UInt8] = []
            for length in [63, 63, 63, lastLabel] {
                wire.append(UInt8(length))
                wire += [UInt8](repeating: 0x61, count: length)
            }
            return wire + [0]
        }
        func parse(_ bytes: [UInt8]) throws(DecodeError) -> DNSName {
            try decode(bytes) { reader throws(DecodeError) in try DNSName(parsing: &reader, messageStart: 0) }
        }
        #expect(name(61).count == 255)
        #expect((try? parse(name(61)))?.wireBytes == name(61))
        #expect(throws: DecodeError(.limitExceeded, at: 193)) { try parse(name(62)) }
    }

    @Test("names differ in case without differing")
    func caseOfNames() throws {
        let lower = try #require(DNSName(labels: ["www", "example"]))
        let mixed = try #require(DNSName(labels: ["WwW", "eXample"]))
        #expect(lower == mixed)
        #expect(Set([lower, mixed]).count == 1)
        #expect(mixed.domainName == DomainName("www.example"))
        #expect(DNSName(try #require(DomainName("www.example"))) == mixed)
        #expect(try #require(DNSName(labels: ["a.b", "c"])).domainName == nil)
        #expect(try #require(DNSName(labels: ["a.b", "c"])).description == "a\\.b.c")
    }

    @Test("prefixes and damaged bytes decode or throw")
    func damage() throws {
        for message in [DNSMessageTests.reply, try DNSMessageTests.everyType().encoded()] {
            survivesDamage(message) { reader throws(DecodeError) in try DNSMessage(parsing: &reader) }
            survivesDamage(message) { reader throws(DecodeError) in
                try DNSMessage.timeToLiveOffsets(parsing: &reader)
            }
        }
    }

    @Test("random messages decode or throw, and what decodes can be written and read again")
    func randomBytes() throws {
        let seed: UInt64 = 0x6a73
        var generator = SeededGenerator(seed: seed)
        let base = try DNSMessageTests.everyType().encoded()
        for round in 0..<2000 {
            var damaged = base
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            guard
                let message = try? decode(damaged, { reader throws(DecodeError) in try DNSMessage(parsing: &reader) })
            else { continue }
            let again = try? decode(message.encoded()) { reader throws(DecodeError) in
                try DNSMessage(parsing: &reader)
            }
            #expect(again == message, "seed \(seed) round \(round)")
        }
    }

    @Test("HTTPS record: hints read, ech taken out")
    func serviceBinding() throws {
        // RFC 9460 appendix D.2, figures 7 and 8 give the layout; keys alpn=h2, ipv4hint, ech, ipv6hint.
        let data = bytes(
            """
            0001 00
            0001 0003 02 6832
            0004 0004 c0000201
            0005 0003 010203
            0006 0010 20010db8000000000000000000000001
            """
        )
        var binding = try DNSServiceBinding(data)
        #expect(binding.bytes == data)
        #expect(binding.addressHints.map(\.description) == ["192.0.2.1", "2001:db8::1"])
        binding.removeParameters(key: DNSServiceBinding.encryptedClientHelloKey)
        #expect(binding.parameters.map(\.key) == [1, 4, 6])
        #expect(binding.bytes.count == data.count - 7)
        for length in 0..<data.count { _ = try? DNSServiceBinding(Array(data.prefix(length))) }
    }
}
