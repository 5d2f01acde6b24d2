import CollectorCore
import NetworkTypes
import Policy
import Testing
import WireProtocol

/// Knowledge files on one connection: to whom they are offered, and how they go out.
@Suite struct AgentSessionFilesTests {
    private static let gateway = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")
    private static let partBytes = FileChunk.maximumBytes

    private static func target(
        _ name: String,
        _ kind: FileKind = .knowledge,
        bytes: Int = 2 * partBytes + 7
    ) -> FileTarget {
        let record = SignedFileRecord(
            tenant: TenantName.standard,
            kind: kind,
            hash: Hexadecimal.encode(Array(name.utf8)).text,
            version: 1,
            issuedAtSeconds: 1,
            keyIdentifier: "",
            rollbackFrom: nil,
            envelope: Array("envelope of \(name)".utf8),
            file: (0..<bytes).map { UInt8(truncatingIfNeeded: $0) },
            actor: "",
            storedMilliseconds: 0
        )
        return FileTarget(record) ?? { preconditionFailure("the hash is hexadecimal") }()
    }

    private static func session(
        version: UInt64 = ProtocolVersion.current,
        uses: ByteString = "",
        blocklistVersion: UInt64? = 0,
        isAdmitted: Bool = true
    ) -> AgentSession {
        var hello = Hello()
        (hello.protocolVersion, hello.bootEpoch, hello.instance) = (version, 1, "i")
        hello.knowledgeHash = uses
        hello.blocklistVersion = blocklistVersion
        var session = AgentSession()
        _ = session.receive(.hello(hello), nowMilliseconds: 0)
        if isAdmitted { _ = session.admitted(gateway, nowMilliseconds: 0) }
        return session
    }

    private static func request(_ file: ByteString, _ offset: Int) -> AgentMessage {
        var request = FileRequest()
        (request.file, request.offset) = (file, UInt64(offset))
        return .requestFile(request)
    }

    private static func isOffer(_ actions: [AgentSession.Action]) -> Bool {
        guard actions.count == 1, case .send(.offerFile) = actions[0] else { return false }
        return true
    }

    private static func isViolation(_ actions: [AgentSession.Action]) -> Bool {
        guard actions.count == 1, case .close(.policyViolation) = actions[0] else { return false }
        return true
    }

    @Test func itIsOfferedToWhomLacksItOnceAConnection() {
        var session = Self.session(uses: "one")
        #expect(session.offer(Self.target("one")) == [], "it is in use there")
        #expect(Self.isOffer(session.offer(Self.target("two"))))
        #expect(session.offer(Self.target("two")) == [])
        #expect(Self.isOffer(session.offer(Self.target("three"))))
        var resigned = Self.target("three")
        resigned.envelope.append(byte: 0)
        #expect(Self.isOffer(session.offer(resigned)), "the key before may not have been trusted")
        // A rollback to what was in use when it connected.
        #expect(Self.isOffer(session.offer(Self.target("one"))))
    }

    @Test func nobodyElseIsOfferedOne() {
        var old = Self.session(version: 1)
        #expect(old.offer(Self.target("two")) == [], "an agent of the first protocol would close the connection")
        var waiting = Self.session(isAdmitted: false)
        #expect(waiting.offer(Self.target("two")) == [])
        var held = Self.session()
        _ = held.held(Self.gateway, nowMilliseconds: 0)
        #expect(held.offer(Self.target("two")) == [])
        #expect(held.receive(Self.request("two", 0), nowMilliseconds: 0) == [])
        var closed = Self.session()
        _ = closed.close(.failed)
        #expect(closed.offer(Self.target("two")) == [])
        #expect(closed.receive(Self.request("two", 0), nowMilliseconds: 0) == [])
        #expect(Self.isViolation(waiting.receive(Self.request("two", 0), nowMilliseconds: 0)))
        var fresh = AgentSession()
        #expect(Self.isViolation(fresh.receive(Self.request("two", 0), nowMilliseconds: 0)))
    }

    @Test func partsGoOutInOrderAndAddUpToTheFile() throws {
        let target = Self.target("two")
        var session = Self.session()
        _ = session.offer(target)
        var file: [UInt8] = []
        for length in [Self.partBytes, Self.partBytes, 7] {
            let actions = session.receive(Self.request("two", file.count), nowMilliseconds: 0)
            guard actions.count == 1, case .send(.fileChunk(let chunk)) = actions[0] else {
                Issue.record("\(actions)")
                return
            }
            #expect(chunk.offset == UInt64(file.count) && chunk.file == "two" && chunk.bytes.count == length)
            #expect(try CollectorMessage(decoding: CollectorMessage.fileChunk(chunk).encoded()) == .fileChunk(chunk))
            file += chunk.bytes.bytes
        }
        #expect(file == target.file)
        // Each byte goes out once a connection: an agent cannot make the collector send without end.
        #expect(Self.isViolation(session.receive(Self.request("two", file.count), nowMilliseconds: 0)))
    }

    /// The longest file there is goes out while reports come in: each part waits for its request, and no report for a part.
    @Test func aLongFileLeavesReportsAlone() {
        let target = Self.target("lists", .blocklist, bytes: FileKind.blocklist.maximumFileBytes)
        var session = Self.session()
        _ = session.offer(target)
        var sentBytes = 0
        var sequence: UInt64 = 0
        while sentBytes < target.file.count {
            let actions = session.receive(Self.request("lists", sentBytes), nowMilliseconds: 0)
            guard actions.count == 1, case .send(.fileChunk(let chunk)) = actions[0] else {
                Issue.record("\(sentBytes): \(actions)")
                return
            }
            #expect(chunk.bytes.count <= FileChunk.maximumBytes && chunk.offset == UInt64(sentBytes))
            sentBytes += chunk.bytes.count
            sequence += 1
            let report = Report(
                bootEpoch: 1,
                sequence: sequence,
                severity: .notice,
                timeMilliseconds: 1,
                body: .gap(GapReport())
            )
            let taken = session.receive(.reports(ReportBatch([report])), nowMilliseconds: 0)
            #expect(taken == [.submit([report])])
            let outcome = IngestOutcome(
                highWater: HighWaterMark(bootEpoch: 1, sequence: sequence),
                acceptedCount: 1,
                duplicateCount: 0
            )
            guard case .send(.acknowledge(let answer)) = session.committed(outcome).first else {
                Issue.record("report \(sequence) is not acknowledged")
                return
            }
            #expect(answer.highWater.sequence == sequence)
        }
        #expect(sequence == 256)
    }

    @Test(arguments: [0, 1, FileChunk.maximumBytes - 1, FileChunk.maximumBytes + 1, Int(Int32.max)])
    func anOffsetThatIsNotTheNextEndsTheConnection(_ offset: Int) {
        var session = Self.session()
        _ = session.offer(Self.target("two"))
        #expect(session.receive(Self.request("two", 0), nowMilliseconds: 0).count == 1)
        #expect(Self.isViolation(session.receive(Self.request("two", offset), nowMilliseconds: 0)))
    }

    @Test func kindsAreOfferedApartAndGoOutBesideEachOther() {
        var old = Self.session(blocklistVersion: nil)
        #expect(old.offer(Self.target("lists", .blocklist)) == [], "it would take it for damaged knowledge")
        #expect(Self.isOffer(old.offer(Self.target("two"))))
        var session = Self.session()
        #expect(Self.isOffer(session.offer(Self.target("two"))))
        #expect(Self.isOffer(session.offer(Self.target("lists", .blocklist))))
        #expect(session.offer(Self.target("two")) == [] && session.offer(Self.target("lists", .blocklist)) == [])
        // Each has its own place in its file, and a new offer of one leaves the other alone.
        #expect(session.receive(Self.request("two", 0), nowMilliseconds: 0).count == 1)
        #expect(session.receive(Self.request("lists", 0), nowMilliseconds: 0).count == 1)
        #expect(Self.isOffer(session.offer(Self.target("three"))))
        guard
            case .send(.fileChunk(let chunk)) = session.receive(
                Self.request("lists", Self.partBytes),
                nowMilliseconds: 0
            ).first
        else {
            Issue.record("no part came")
            return
        }
        #expect(chunk.file == "lists" && chunk.offset == UInt64(Self.partBytes))
    }

    @Test func aRequestThatPassesANewerOfferIsPassedOver() {
        var session = Self.session()
        #expect(session.receive(Self.request("two", 0), nowMilliseconds: 0) == [], "nothing was offered")
        _ = session.offer(Self.target("two"))
        _ = session.offer(Self.target("three"))
        #expect(session.receive(Self.request("two", 0), nowMilliseconds: 0) == [])
        #expect(session.receive(Self.request("three", 0), nowMilliseconds: 0).count == 1)
        var resigned = Self.target("three")
        resigned.envelope.append(byte: 0)
        _ = session.offer(resigned)
        #expect(session.receive(Self.request("three", Self.partBytes), nowMilliseconds: 0) == [])
        #expect(session.receive(Self.request("three", 0), nowMilliseconds: 0).count == 1)
    }
}
