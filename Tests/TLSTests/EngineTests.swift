import NetworkTypes
import TLS
import Testing

struct EngineTests {
    let identities: TestIdentities

    init() throws { identities = try TestIdentities() }

    @Test func mutualHandshakeAndPayload() throws {
        let server = try TLSEngine(context: identities.serverContext(protocols: ["http/1.1"]))
        let client = try TLSEngine(
            context: identities.clientContext(protocols: ["h2", "http/1.1"]),
            serverName: "collector.test"
        )
        try connect(client, server)
        #expect(client.version == "TLSv1.3")
        #expect(server.peerCertificate?.uris == [TestIdentities.uri])
        #expect(client.peerCertificate == identities.server.leaf)
        #expect(client.peerCertificates.count == 2)
        #expect(server.negotiatedProtocol == "http/1.1")
        #expect(client.negotiatedProtocol == "http/1.1")
        #expect(server.requestedServerName == "collector.test")

        let payload = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try client.write(payload)
        var received: [UInt8] = []
        while client.outgoingCount > 0 {
            try server.receive(client.takeOutgoing(maximumBytes: 1_000))
            while let part = try server.read() { received += part }
        }
        #expect(received == payload)

        server.shutdown()
        try client.receive(server.takeOutgoing())
        #expect(try client.read() == nil)
        #expect(client.state == .closed)
        #expect(failure { try client.write([1]) }?.kind == .closed)
    }

    @Test func addressesAreVerifiedToo() throws {
        for (name, isRight) in [("127.0.0.1", true), ("127.0.0.2", false), ("::1", false)] {
            let server = try TLSEngine(context: identities.serverContext())
            let client = try TLSEngine(context: identities.clientContext(), serverName: ByteString(utf8: name))
            #expect((failure { try connect(client, server) } == nil) == isRight, "\(name)")
        }
    }

    @Test func aSessionIsResumed() throws {
        let (serverContext, clientContext) = (try identities.serverContext(), try identities.clientContext())
        let first = try TLSEngine(context: clientContext, serverName: "collector.test")
        try connect(first, TLSEngine(context: serverContext))
        #expect(!first.isResumed)
        let session = try #require(first.session)
        let server = try TLSEngine(context: serverContext)
        let second = try TLSEngine(context: clientContext, serverName: "collector.test", resuming: session)
        try connect(second, server)
        #expect(second.isResumed)
        #expect(server.peerCertificate?.uris == [TestIdentities.uri])
        // A server whose certificate was renewed has a new context: a full handshake, and no failure.
        let third = try TLSEngine(context: clientContext, serverName: "collector.test", resuming: session)
        try connect(third, TLSEngine(context: identities.serverContext()))
        #expect(third.state == .established && !third.isResumed)
    }

    @Test func wrongNamesAuthoritiesAndTimesAreRefused() throws {
        let others = try TestIdentities()
        let expired = try TestIdentities(validFrom: identities.now - 7200, lifetimeSeconds: 3600)
        let early = try TestIdentities(validFrom: identities.now + 7200, lifetimeSeconds: 3600)
        let cases: [(String, TLSContext, TLSContext, ByteString, String)] = [
            ("wrong name", try identities.clientContext(), try identities.serverContext(), "other.test", "hostname"),
            ("other authority", try others.clientContext(), try identities.serverContext(), "collector.test", "self"),
            ("expired", try expired.clientContext(), try expired.serverContext(), "collector.test", "expired"),
            ("not yet", try early.clientContext(), try early.serverContext(), "collector.test", "not yet valid"),
        ]
        for (name, clientContext, serverContext, host, word) in cases {
            let client = try TLSEngine(context: clientContext, serverName: host)
            let error = failure { try connect(client, TLSEngine(context: serverContext)) }
            #expect(error?.kind == .certificateRejected, "\(name): \(String(describing: error))")
            #expect(error?.what.text.contains(word) == true, "\(name): \(String(describing: error))")
            #expect(client.state == .closed)
            #expect(client.outgoingCount > 0, "the server is told why")
        }
    }

    @Test func clientsWithoutTheRightCertificateAreRefused() throws {
        let others = try TestIdentities()
        let bare = try TLSContext.client(trustedCA: [identities.authority.certificate])
        let stranger = try TLSContext.client(
            trustedCA: [identities.authority.certificate],
            certificate: others.client,
            key: others.clientKey
        )
        // A server's certificate is none for a client.
        let misused = try TLSContext.client(
            trustedCA: [identities.authority.certificate],
            certificate: identities.server,
            key: identities.serverKey
        )
        for context in [bare, stranger, misused] {
            let server = try TLSEngine(context: identities.serverContext())
            let client = try TLSEngine(context: context, serverName: "collector.test")
            let error = failure { try connect(client, server) }
            #expect(error?.kind == .certificateRejected)
            #expect(server.state == .closed && server.peerCertificate?.uris != [TestIdentities.uri])
            #expect(try server.read() == nil)
            let told = failure {
                try client.receive(server.takeOutgoing())
                _ = try client.read()
            }
            #expect(told?.kind == .peerAlert, "\(String(describing: told))")
        }
    }

    @Test func aPinFindsItsAuthorityAndNoOther() throws {
        let pin = identities.authority.certificate.sha256
        let right = try TLSEngine(context: .client(pinnedCASHA256: pin), serverName: "collector.test")
        try connect(right, TLSEngine(context: identities.serverContext(demandsClient: false)))
        #expect(right.state == .established)

        var wrong = pin
        wrong[31] ^= 1
        let refused = try TLSEngine(context: .client(pinnedCASHA256: wrong), serverName: "collector.test")
        let error = failure { try connect(refused, TLSEngine(context: identities.serverContext(demandsClient: false))) }
        #expect(error?.kind == .certificateRejected)

        let elsewhere = try TLSEngine(context: .client(pinnedCASHA256: pin), serverName: "other.test")
        #expect(
            failure { try connect(elsewhere, TLSEngine(context: identities.serverContext(demandsClient: false))) }?.kind
                == .certificateRejected
        )
        // The pinned certificate sent along by somebody who does not have its key is worth nothing.
        let thief = try TestIdentities()
        let forged = try TLSContext.server(
            certificate: CertificateChain(leaf: thief.server.leaf, authorities: [identities.authority.certificate]),
            key: thief.serverKey
        )
        let fooled = try TLSEngine(context: .client(pinnedCASHA256: pin), serverName: "collector.test")
        #expect(failure { try connect(fooled, TLSEngine(context: forged)) }?.kind == .certificateRejected)
    }

    @Test func aTimeOfOnesOwnReplacesTheClock() throws {
        let expired = try TestIdentities(validFrom: identities.now - 7200, lifetimeSeconds: 3600)
        let context = try TLSContext.client(
            trustedCA: [expired.authority.certificate],
            verificationTimeSeconds: identities.now - 5400
        )
        let client = try TLSEngine(context: context, serverName: "collector.test")
        try connect(client, TLSEngine(context: expired.serverContext(demandsClient: false)))
        #expect(client.state == .established)
    }

    /// A clock that is behind is a lower bound: what begins later is taken, what ended before is not, and nothing else is
    /// passed over.
    @Test func aTimeOfOnesOwnIsTheEarliestItCanBe() throws {
        func outcome(_ made: TestIdentities, trusting authority: Certificate, at time: Int64?) throws -> TLSError? {
            let context = try TLSContext.client(trustedCA: [authority], verificationTimeSeconds: time)
            let client = try TLSEngine(context: context, serverName: "collector.test")
            return failure { try connect(client, TLSEngine(context: made.serverContext(demandsClient: false))) }
        }
        let future = try TestIdentities(validFrom: identities.now + 86_400, lifetimeSeconds: 3600)
        let authority = future.authority.certificate
        #expect(try outcome(future, trusting: authority, at: nil)?.kind == .certificateRejected)
        #expect(try outcome(future, trusting: authority, at: identities.now) == nil)
        #expect(try outcome(future, trusting: authority, at: identities.now + 2 * 86_400)?.kind == .certificateRejected)
        let other = try TestIdentities(validFrom: identities.now + 86_400, lifetimeSeconds: 3600)
        #expect(
            try outcome(future, trusting: other.authority.certificate, at: identities.now)?.kind == .certificateRejected
        )
    }

    @Test func garbageAndPlaintextAreRefused() throws {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var generator = SplitMix(seed: seed)
        let server = try identities.serverContext()
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 5...400, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            let engine = try TLSEngine(context: server)
            let error = failure { try engine.receive(bytes) }
            #expect(error != nil || engine.state == .handshaking, "seed \(seed)")
        }
        let engine = try TLSEngine(context: server)
        #expect(failure { try engine.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }?.kind == .protocolViolation)
        #expect(failure { try engine.receive([0]) }?.kind == .closed)
    }

    @Test func everyPrefixOfAFlightWaitsForMore() throws {
        let (serverContext, clientContext) = (try identities.serverContext(), try identities.clientContext())
        let reference = try TLSEngine(context: clientContext, serverName: "collector.test")
        try reference.start()
        let hello = reference.takeOutgoing()
        for count in 0..<hello.count {
            let server = try TLSEngine(context: serverContext)
            try server.receive(Array(hello[..<count]))
            #expect(server.state == .handshaking && server.outgoingCount == 0)
        }
        // Byte by byte comes to the same as all at once.
        let (client, server) = (
            try TLSEngine(context: clientContext, serverName: "collector.test"), try TLSEngine(context: serverContext)
        )
        try client.start()
        while client.state != .established || server.state != .established {
            for byte in client.takeOutgoing() { try server.receive([byte]) }
            for byte in server.takeOutgoing() { try client.receive([byte]) }
        }
    }

    @Test func everyFlippedByteOfAServersFlightIsNoticed() throws {
        let (serverContext, clientContext) = (try identities.serverContext(), try identities.clientContext())
        for step in stride(from: 5, to: 1200, by: 37) {
            let client = try TLSEngine(context: clientContext, serverName: "collector.test")
            let server = try TLSEngine(context: serverContext)
            try client.start()
            try server.receive(client.takeOutgoing())
            var flight = server.takeOutgoing()
            guard step < flight.count else { break }
            flight[step] ^= 0x40
            _ = failure { try client.receive(flight) }
            #expect(client.state != .established, "byte \(step)")
        }
    }

    @Test func limitsAreKept() throws {
        let server = try TLSEngine(context: identities.serverContext())
        let client = try TLSEngine(context: identities.clientContext(), serverName: "collector.test")
        try connect(client, server)
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        let error = failure { for _ in 0..<20 { try client.write(chunk) } }
        #expect(error?.kind == .limitExceeded)
        let flood = failure { for _ in 0..<20 { try server.receive(client.takeOutgoing(maximumBytes: 1 << 20)) } }
        #expect(flood?.kind == .limitExceeded)
    }

    /// In a process of its own: the tests beside this one need memory too.
    @Test func nothingLeaks() async {
        await #expect(processExitsWith: .success) {
            let identities = try TestIdentities()
            let (serverContext, clientContext) = (try identities.serverContext(), try identities.clientContext())
            func round() throws {
                let server = try TLSEngine(context: serverContext)
                let client = try TLSEngine(context: clientContext, serverName: "collector.test")
                try connect(client, server)
                #expect(server.peerCertificate != nil && client.session != nil)
                let broken = try TLSEngine(context: serverContext)
                _ = failure { try broken.receive([22, 3, 1, 0, 5, 9, 9, 9, 9, 9]) }
                #expect(failure { _ = try TLSEngine(context: clientContext) }?.kind == .malformed)
            }
            for _ in 0..<200 { try round() }
            let before = try residentKiB()
            for _ in 0..<1_000 { try round() }
            let growth = try residentKiB() - before
            #expect(growth < 2_048, "1,000 handshakes grew the process by \(growth) KiB")
        }
    }
}

/// A small generator whose seed can be printed (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
