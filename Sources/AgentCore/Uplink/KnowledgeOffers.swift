public import NetworkTypes
public import Policy
public import WireProtocol

/// Which of the knowledge files that the collector offers are fetched.
///
/// The collector offers a file anew on every connection. What was refused once is refused without a word from then on,
/// so that it is neither fetched nor reported again and again.
public struct KnowledgeOffers {
    /// Most offers that are remembered as refused; the oldest makes room.
    public static let maximumRefused = 8
    /// Times a file is begun before it is given up, where it did not arrive or could not be written.
    public static let maximumAttempts = 3

    private var refused: [ByteString] = []
    private var lastFailed: ByteString = ""
    private var failures = 0

    /// Nothing was offered yet.
    public init() {}

    /// What to fetch; nil where there is nothing to do: the file is in use, or the offer was refused before. What this
    /// throws is to be told to `refuse`.
    ///
    /// - Parameters:
    ///   - held: SHA-256 of the file in use.
    ///   - seen: the highest version seen here.
    public func consider(
        _ offer: KnowledgeOffer,
        held: ByteString,
        seen: UInt64,
        trustedKeys: [[UInt8]],
        verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(KnowledgeRefusal) -> KnowledgeManifest? {
        if refused.contains(offer.envelope) { return nil }
        let signed = try SignedKnowledge(parsing: offer.envelope.bytes.span)
        guard signed.envelopeBytes == offer.envelope.count else {
            throw KnowledgeRefusal(.signature, "something follows the envelope")
        }
        let manifest = try signed.verified(by: verify, trustedKeys: trustedKeys)
        if manifest.fileHash == held { return nil }
        try manifest.checkVersion(seen: seen)
        return manifest
    }

    /// An offer came to nothing. What may go better another time is forgotten, a few times.
    public mutating func refuse(_ envelope: ByteString, _ refusal: KnowledgeRefusal) {
        if refusal.reason == .transfer || refusal.reason == .storage {
            failures = envelope == lastFailed ? failures + 1 : 1
            lastFailed = envelope
            if failures < KnowledgeOffers.maximumAttempts { return }
        }
        if refused.count >= KnowledgeOffers.maximumRefused { refused.removeFirst() }
        refused.append(envelope)
    }
}
