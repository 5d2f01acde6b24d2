import AgentCore
import NetworkTypes
import Policy
import Testing
import WireProtocol

/// Offers of files, and how one is fetched.
@Suite struct FileTransferTests {
    private static let key = [UInt8](0..<32)

    /// Stands in for Ed25519.
    private static func verify(_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool {
        signature == SHA256.hash(key + message) + SHA256.hash(message)
    }

    private static func manifest(_ version: UInt64, bytes: UInt64 = 10) -> FileManifest {
        var manifest = FileManifest()
        manifest.version = version
        manifest.fileHash = ByteString([UInt8](repeating: UInt8(truncatingIfNeeded: version), count: 32))
        manifest.fileBytes = bytes
        return manifest
    }

    private static func offer(_ version: UInt64, key: [UInt8] = key) -> FileOffer {
        let payload = manifest(version).encoded()
        let keyID = SignedEnvelope.keyID(of: key)
        let message = SignedEnvelope.toBeSigned(.knowledge, payload: payload, keyID: keyID)
        let signature = SHA256.hash(key + message) + SHA256.hash(message)
        var offer = FileOffer()
        offer.envelope = ByteString(
            SignedEnvelope(.knowledge, payload: payload, keyID: keyID, signature: signature).encoded()
        )
        return offer
    }

    private static func consider(
        _ offers: FileOffers,
        _ offer: FileOffer,
        held: ByteString = "",
        seen: UInt64 = 0
    ) throws(FileRefusal) -> FileManifest? {
        try offers.consider(offer, held: held, seen: seen, trustedKeys: [key], verify: verify)
    }

    private static func time(_ milliseconds: UInt64) -> AgentTime {
        AgentTime(wallMilliseconds: 0, monotonicMilliseconds: milliseconds)
    }

    private static func chunk(_ offset: UInt64, _ count: Int, of version: UInt64 = 1) -> FileChunk {
        var chunk = FileChunk()
        chunk.file = manifest(version).fileHash
        chunk.offset = offset
        chunk.bytes = ByteString([UInt8](repeating: 1, count: count))
        return chunk
    }

    @Test func onlyWhatIsNewIsFetched() throws {
        let offers = FileOffers(.knowledge)
        #expect(try Self.consider(offers, Self.offer(5)) == Self.manifest(5))
        #expect(try Self.consider(offers, Self.offer(5), held: Self.manifest(5).fileHash, seen: 5) == nil)
        #expect(try Self.consider(offers, Self.offer(6), held: Self.manifest(5).fileHash, seen: 5) != nil)
    }

    @Test func anOfferIsRefusedBeforeAByteOfTheFileIsAskedFor() {
        let offers = FileOffers(.knowledge)
        var longer = Self.offer(5)
        longer.envelope.append(byte: 0)
        var altered = Self.offer(5)
        altered.envelope.bytes[altered.envelope.count - 1] ^= 1
        let cases: [(FileOffer, UInt64, FileRefusal.Reason)] = [
            (Self.offer(5, key: [UInt8](1...32)), 0, .unknownKey), (altered, 0, .signature), (longer, 0, .signature),
            (FileOffer(), 0, .signature), (Self.offer(4), 5, .version), (Self.offer(5), 5, .version),
        ]
        for (offer, seen, reason) in cases {
            let refusal = #expect(throws: FileRefusal.self) { try Self.consider(offers, offer, seen: seen) }
            #expect(refusal?.reason == reason)
        }
    }

    @Test func anOfferOfAnotherKindIsRefused() {
        let refusal = #expect(throws: FileRefusal.self) {
            try Self.consider(FileOffers(.blocklist), Self.offer(5))
        }
        #expect(refusal?.reason == .signature)
    }

    @Test func whatWasRefusedIsNotFetchedAgain() throws {
        var offers = FileOffers(.knowledge)
        let offer = Self.offer(5)
        offers.refuse(offer.envelope, FileRefusal(.damaged, ""))
        #expect(try Self.consider(offers, offer) == nil)
        #expect(try Self.consider(offers, Self.offer(6)) != nil, "another one is")
        // The memory is bounded: the oldest is forgotten.
        for version in 10..<UInt64(10 + FileOffers.maximumRefused) {
            offers.refuse(Self.offer(version).envelope, FileRefusal(.damaged, ""))
        }
        #expect(try Self.consider(offers, offer) != nil)
    }

    @Test func whatDidNotArriveIsTriedAFewTimes() throws {
        var offers = FileOffers(.knowledge)
        let offer = Self.offer(5)
        for attempt in 1...FileOffers.maximumAttempts {
            #expect(try Self.consider(offers, offer) != nil, "attempt \(attempt)")
            offers.refuse(offer.envelope, FileRefusal(attempt == 1 ? .storage : .transfer, ""))
        }
        #expect(try Self.consider(offers, offer) == nil)
    }

    @Test func partsAreAskedForOneAfterTheOther() throws {
        var transfer = FileTransfer(Self.manifest(1), envelope: "e", now: Self.time(0))
        #expect(transfer.request.offset == 0 && transfer.request.file == Self.manifest(1).fileHash)
        #expect(try transfer.take(Self.chunk(0, 6), now: Self.time(1)))
        #expect(transfer.request.offset == 6 && !transfer.isComplete)
        // Repeated, ahead, of another file: nobody asked for those.
        #expect(try !transfer.take(Self.chunk(0, 6), now: Self.time(1)))
        #expect(try !transfer.take(Self.chunk(7, 1), now: Self.time(1)))
        #expect(try !transfer.take(Self.chunk(6, 1, of: 2), now: Self.time(1)))
        #expect(transfer.receivedBytes == 6)
        #expect(try transfer.take(Self.chunk(6, 4), now: Self.time(2)))
        #expect(transfer.isComplete)
        #expect(try !transfer.take(Self.chunk(10, 1), now: Self.time(2)))
    }

    @Test(arguments: [0, 5])
    func aPartOfTheWrongLengthEndsIt(_ count: Int) throws {
        var transfer = FileTransfer(Self.manifest(1), envelope: "e", now: Self.time(0))
        #expect(try transfer.take(Self.chunk(0, 6), now: Self.time(1)))
        let refusal = #expect(throws: FileRefusal.self) {
            try transfer.take(Self.chunk(6, count), now: Self.time(1))
        }
        #expect(refusal?.reason == .damaged)
    }

    @Test func aCollectorThatFallsSilentIsNotWaitedFor() throws {
        let limit = FileTransfer.answerTimeoutMilliseconds
        var transfer = FileTransfer(Self.manifest(1), envelope: "e", now: Self.time(1000))
        #expect(!transfer.isOverdue(now: Self.time(999 + limit)))
        #expect(transfer.isOverdue(now: Self.time(1000 + limit)))
        _ = try transfer.take(Self.chunk(0, 6), now: Self.time(5000))
        #expect(!transfer.isOverdue(now: Self.time(1000 + limit)))
    }
}
