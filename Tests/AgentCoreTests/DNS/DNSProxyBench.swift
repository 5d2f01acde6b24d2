import NetworkTypes
import PacketParsing
import Policy
import Testing

@testable import AgentCore

/// A proxy with two upstreams and a device, and short ways to speak for all of them.
struct DNSProxyBench {
    static let device = MACAddress(rawValue: 0x02_00_00_00_00_01)
    var proxy = DNSProxy(settings: .init(upstreamCount: 2, timeoutMilliseconds: 1000))
    var now: UInt64 = 1_000_000
    var client = DNSProxy.Client(device: device, isTCP: false, handle: 7)
    /// Names, with `*.` for all below; blocks.
    var allowlist: Allowlist?

    init(names: [ByteString]? = ["shop.example", "*.cdn.example"], prefixes: [ByteString] = []) {
        guard let names else { return }
        var list = Allowlist(name: "test")
        for text in names {
            let isWildcard = text.hasPrefix("*.")
            let name = DNSProxyBench.domain(isWildcard ? ByteString(Array(text.bytes.dropFirst(2))) : text)
            list.allow.append(AllowRule(to: .name(NamePattern(name: name, isWildcard: isWildcard)), ports: []))
        }
        for text in prefixes.compactMap({ IPPrefix($0) }) {
            list.allow.append(AllowRule(to: .prefix(text), ports: []))
        }
        allowlist = list
    }

    static func domain(_ text: ByteString) -> DomainName {
        guard let name = DomainName(text) else { preconditionFailure("a test has no name in \(text)") }
        return name
    }
    static func name(_ text: ByteString) -> DNSName { DNSName(labels: text.split(0x2E)) ?? .root }
    static func address(_ text: ByteString) -> IPAddress { IPAddress(text) ?? IPAddress(v4: 0) }

    static func question(_ name: ByteString, _ type: DNSRecordType = .a, payload: UInt16? = nil) -> DNSMessage {
        var flags = DNSFlags(rawValue: 0)
        flags.recursionDesired = true
        var message = DNSMessage(identifier: 0xBEEF, flags: flags)
        message.questions = [DNSQuestion(name: self.name(name), type: type)]
        if let payload { message.additionals = [DNSMessage.extensionRecord(payloadLength: payload)] }
        return message
    }

    static func a(_ name: ByteString, _ address: ByteString, ttl: UInt32 = 100) -> DNSRecord {
        DNSRecord(name: self.name(name), address: self.address(address), timeToLiveSeconds: ttl)
    }

    static func cname(_ name: ByteString, _ target: ByteString, ttl: UInt32 = 100) -> DNSRecord {
        let data = DNSRecordData.name(self.name(target))
        return DNSRecord(name: self.name(name), type: .cname, timeToLiveSeconds: ttl, data: data)
    }

    static func soa(ttl: UInt32, minimum: UInt32) -> DNSRecord {
        let data = DNSRecordData.startOfAuthority(primary: .root, mailbox: .root, numbers: [1, 2, 3, 4, minimum])
        return DNSRecord(name: name("example"), type: .soa, timeToLiveSeconds: ttl, data: data)
    }

    static func parse(_ bytes: [UInt8]) throws -> DNSMessage {
        var reader = ByteReader(bytes.span)
        return try DNSMessage(parsing: &reader)
    }

    mutating func ask(_ message: DNSMessage) -> [DNSProxy.Action] { ask(bytes: message.encoded()) }

    mutating func ask(bytes: [UInt8], entropy: UInt64 = 0x1234_5678_9ABC_DEF0) -> [DNSProxy.Action] {
        proxy.query(bytes, from: client, allowlist: allowlist, entropy: entropy, nowMilliseconds: now)
    }

    /// Asks, and has the upstream answer; what the proxy does then.
    mutating func ask(
        _ message: DNSMessage,
        answers: [DNSRecord],
        change: (inout DNSMessage) -> Void = { _ in }
    ) throws -> [DNSProxy.Action] {
        let asked = try #require(try DNSProxyBench.forwarded(ask(message)))
        return proxy.answered(
            query: asked.query,
            bytes: DNSProxyBench.answer(asked.message, answers, change),
            nowMilliseconds: now
        )
    }

    static func answer(
        _ asked: DNSMessage,
        _ answers: [DNSRecord],
        _ change: (inout DNSMessage) -> Void = { _ in }
    ) -> [UInt8] {
        var answer = asked
        answer.flags.isResponse = true
        answer.flags.recursionAvailable = true
        answer.answers = answers
        change(&answer)
        return answer.encoded()
    }

    /// The one question that goes to an upstream.
    static func forwarded(_ actions: [DNSProxy.Action]) throws
        -> (query: UInt64, message: DNSMessage, upstream: Int)?
    {
        guard actions.count == 1, case .forward(let query, let bytes, let upstream, _) = actions[0] else { return nil }
        return (query, try parse(bytes), upstream)
    }

    /// The one reply, also where the kernel has to be filled first.
    mutating func replied(_ actions: [DNSProxy.Action]) throws -> DNSMessage {
        var actions = actions
        if case .fill(let query, _, _, _, _) = actions.first { actions = proxy.filled(query: query, succeeded: true) }
        if case .told = actions.first { actions.removeFirst() }
        try #require(actions.count == 1)
        guard case .reply(let client, let bytes) = actions[0] else {
            Issue.record("no reply but \(actions)")
            throw DecodeError(.malformed, at: 0)
        }
        #expect(client == self.client)
        return try DNSProxyBench.parse(bytes)
    }

    /// The addresses that are to be filled; nil where none are.
    static func filled(_ actions: [DNSProxy.Action]) -> [IPAddress]? {
        guard case .fill(_, _, _, let addresses, _) = actions.first else { return nil }
        return addresses
    }
}
