import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS

/// The knowledge file, mapped: its pages belong to the page cache, not to the agent.
final class KnowledgeFile: ByteStore {
    nonisolated(unsafe) private let file: MappedFile
    /// Where the knowledge begins: behind the envelope, where the file is signed.
    private let start: Int

    private init(_ file: MappedFile, from start: Int = 0) {
        unsafe self.file = file
        self.start = start
    }

    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let mapped = unsafe file
        let bytes = mapped.bytes
        body(bytes.extracting(Swift.min(start, bytes.count)..<bytes.count))
    }

    /// The knowledge in the file of a configuration.
    static func open(_ path: ByteString) throws(Failure) -> KnowledgeInUse {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: Program.maximumKnowledgeBytes) } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl knowledge build")
        }
        let knowledge = KnowledgeFile(file)
        do throws(KnowledgeError) {
            let base = try KnowledgeBase(opening: knowledge)
            return KnowledgeInUse(base: base, path: path, version: 0, hash: ByteString(knowledge.hash))
        } catch {
            throw Failure(.badData, "\(path): \(ByteString(utf8: error.text))")
        }
    }

    /// The knowledge in a signed file: signature, length and hash are checked before any of it is parsed.
    static func openSigned(_ path: ByteString, trustedKeys: [[UInt8]]) throws(KnowledgeRefusal) -> KnowledgeInUse {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: SignedKnowledge.maximumBytes) } catch {
            throw KnowledgeRefusal(.storage, error.byteString)
        }
        let signed = try SignedKnowledge(parsing: file.bytes)
        let manifest = try signed.verified(by: Ed25519.verify, trustedKeys: trustedKeys)
        let knowledge = KnowledgeFile(file, from: signed.envelopeBytes)
        try manifest.checkFile(bytes: file.count - signed.envelopeBytes, hash: knowledge.hash)
        do throws(KnowledgeError) {
            let base = try KnowledgeBase(opening: knowledge)
            return KnowledgeInUse(base: base, path: path, version: manifest.version, hash: manifest.fileHash)
        } catch {
            throw KnowledgeRefusal(.unreadable, ByteString(utf8: error.text))
        }
    }

    private var hash: [UInt8] {
        var hash = SHA256()
        withBytes { bytes in hash.update(bytes, from: 0, to: bytes.count) }
        return hash.finish()
    }
}

/// The knowledge by which devices are named, and where it is from.
struct KnowledgeInUse {
    let base: KnowledgeBase
    /// The file.
    var path: ByteString
    /// What the operator signed it as; 0 for the file of the configuration, which nobody signed.
    let version: UInt64
    /// SHA-256 of the file, without an envelope.
    let hash: ByteString
}
