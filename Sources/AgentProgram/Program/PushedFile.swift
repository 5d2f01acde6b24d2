import AgentCore
import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS

/// Files of one kind that the collector pushes: which one is in use, what is being fetched in its place, what was refused.
final class PushedFile {
    let kind: FileKind
    /// Where the signed file lies that was pushed last.
    let path: ByteString
    /// The highest version of one ever taken.
    let highest: NumberFile
    /// What the operator signed the file in use as; 0 where nobody signed it, or there is none.
    var version: UInt64 = 0
    /// SHA-256 of the file in use, without an envelope; empty where there is none.
    var hash: ByteString = ""
    /// The file in use.
    var usedPath: ByteString = ""
    /// When it was signed, seconds since 1970; 0 where nobody did.
    var issuedAtSeconds: UInt64 = 0
    var offers: FileOffers
    var transfer: FileTransfer?
    var replacement: FileReplacement?
    var refusedCount: UInt64 = 0

    init(_ kind: FileKind, _ state: StateDirectory) {
        self.kind = kind
        path = state.signedFile(kind)
        highest = state.highestVersion(kind)
        offers = FileOffers(kind)
    }

    /// What a version must be above.
    func highestSeen() throws(SystemError) -> UInt64 {
        let seen = Swift.max(version, try highest.read() ?? 0)
        // A file that was lost, or whose key is trusted again, may come once more.
        return version == 0 && seen > 0 ? seen - 1 : seen
    }

    /// Lets go what has come of a file.
    func endTransfer() {
        transfer = nil
        replacement = nil
    }

    /// What a signed file holds.
    enum Contents {
        case knowledge(KnowledgeBase)
        case blocklists(Blocklists)
    }

    /// Opens a signed file of this kind: signature, length and hash are checked before any of it is parsed.
    func open(
        _ path: ByteString,
        trustedKeys: [[UInt8]]
    ) throws(FileRefusal) -> (manifest: FileManifest, contents: Contents) {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: SignedFile.maximumBytes(kind)) } catch {
            throw FileRefusal(.storage, error.byteString)
        }
        let signed = try SignedFile(kind, parsing: file.bytes)
        let manifest = try signed.verified(by: Ed25519.verify, trustedKeys: trustedKeys)
        // Behind the envelope.
        let bytes = MappedBytes(file, from: signed.envelopeBytes)
        try manifest.checkFile(bytes: file.count - signed.envelopeBytes, hash: bytes.hash)
        switch kind {
        case .knowledge:
            do throws(KnowledgeError) { return (manifest, .knowledge(try KnowledgeBase(opening: bytes))) } catch {
                throw FileRefusal(.unreadable, ByteString(utf8: error.text))
            }
        case .blocklist:
            do throws(Blocklists.Problem) { return (manifest, .blocklists(try Blocklists(opening: bytes))) } catch {
                throw FileRefusal(.unreadable, error.text)
            }
        }
    }
}
