import Fingerprinting
import NetworkTypes
import SystemIO

/// The knowledge file, mapped: its pages belong to the page cache, not to the agent.
final class KnowledgeFile: ByteStore {
    nonisolated(unsafe) private let file: MappedFile

    private init(_ file: MappedFile) { unsafe self.file = file }

    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let mapped = unsafe file
        body(mapped.bytes)
    }

    /// The knowledge in a file.
    static func open(_ path: ByteString) throws(Failure) -> KnowledgeBase {
        let file: MappedFile
        do throws(SystemError) { file = try MappedFile(path, limit: Program.maximumKnowledgeBytes) } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl knowledge build")
        }
        do throws(KnowledgeError) {
            return try KnowledgeBase(opening: KnowledgeFile(file))
        } catch {
            throw Failure(.badData, "\(path): \(ByteString(utf8: error.text))")
        }
    }
}
