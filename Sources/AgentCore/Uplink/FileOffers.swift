public import NetworkTypes
public import Policy
public import WireProtocol

/// Which of the files of one kind that the collector offers are fetched.
///
/// The collector offers a file anew on every connection. What was refused once is refused without a word from then on,
/// so that it is neither fetched nor reported again and again.
public struct FileOffers {
    /// Most offers that are remembered as refused; the oldest makes room.
    public static let maximumRefused = 8
    /// Times a file is begun before it is given up, where it did not arrive or could not be written.
    public static let maximumAttempts = 3

    /// What is offered.
    public let kind: FileKind
    private var refused: [ByteString] = []
    private var lastFailed: ByteString = ""
    private var failures = 0

    /// Nothing was offered yet.
    public init(_ kind: FileKind) { self.kind = kind }

    /// What to fetch; nil where there is nothing to do: the file is in use, or the offer was refused before. What this
    /// throws is to be told to `refuse`.
    ///
    /// - Parameters:
    ///   - held: SHA-256 of the file in use.
    ///   - seen: the highest version seen here.
    public func consider(
        _ offer: FileOffer,
        held: ByteString,
        seen: UInt64,
        trustedKeys: [[UInt8]],
        verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(FileRefusal) -> FileManifest? {
        if refused.contains(offer.envelope) { return nil }
        let signed = try SignedFile(kind, parsing: offer.envelope.bytes.span)
        guard signed.envelopeBytes == offer.envelope.count else {
            throw FileRefusal(.signature, "something follows the envelope")
        }
        let manifest = try signed.verified(by: verify, trustedKeys: trustedKeys)
        if manifest.fileHash == held { return nil }
        try manifest.checkVersion(seen: seen)
        return manifest
    }

    /// An offer came to nothing. What may go better another time is forgotten, a few times.
    public mutating func refuse(_ envelope: ByteString, _ refusal: FileRefusal) {
        if refusal.reason == .transfer || refusal.reason == .storage {
            failures = envelope == lastFailed ? failures + 1 : 1
            lastFailed = envelope
            if failures < FileOffers.maximumAttempts { return }
        }
        if refused.count >= FileOffers.maximumRefused { refused.removeFirst() }
        refused.append(envelope)
    }
}
