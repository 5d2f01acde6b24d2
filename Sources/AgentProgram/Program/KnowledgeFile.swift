import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS

/// Opens knowledge files.
enum KnowledgeFile {
    /// The knowledge in the file of a configuration.
    static func open(_ path: ByteString) throws(Failure) -> KnowledgeInUse {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: Program.maximumKnowledgeBytes) } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl knowledge build")
        }
        let knowledge = MappedBytes(file)
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
        // Behind the envelope.
        let knowledge = MappedBytes(file, from: signed.envelopeBytes)
        try manifest.checkFile(bytes: file.count - signed.envelopeBytes, hash: knowledge.hash)
        do throws(KnowledgeError) {
            let base = try KnowledgeBase(opening: knowledge)
            return KnowledgeInUse(base: base, path: path, version: manifest.version, hash: manifest.fileHash)
        } catch {
            throw KnowledgeRefusal(.unreadable, ByteString(utf8: error.text))
        }
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
