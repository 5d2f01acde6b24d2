import Fingerprinting
import NetworkTypes
import SystemIO

/// Opens the knowledge file of a configuration.
enum KnowledgeFile {
    /// The knowledge in a file that nobody signed, and SHA-256 of the file.
    static func open(_ path: ByteString) throws(Failure) -> (base: KnowledgeBase, hash: ByteString) {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: Program.maximumKnowledgeBytes) } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl knowledge build")
        }
        let knowledge = MappedBytes(file)
        do throws(KnowledgeError) {
            return (try KnowledgeBase(opening: knowledge), ByteString(knowledge.hash))
        } catch {
            throw Failure(.badData, "\(path): \(ByteString(utf8: error.text))")
        }
    }
}
