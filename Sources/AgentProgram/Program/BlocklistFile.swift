import AgentCore
import NetworkTypes
import SystemIO

/// The file of blocklists, mapped: its pages belong to the page cache, not to the agent.
final class BlocklistFile: ByteStore {
    nonisolated(unsafe) private let file: MappedFile

    private init(_ file: MappedFile) { unsafe self.file = file }

    func withBytes(_ body: (Span<UInt8>) -> Void) {
        let mapped = unsafe file
        body(mapped.bytes)
    }

    /// The lists in a file.
    static func open(_ path: ByteString) throws(Failure) -> Blocklists {
        let file: MappedFile
        do throws(SystemError) {
            file = try MappedFile(path, limit: BlocklistFormat.maximumLength)
        } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl blocklist build")
        }
        do throws(Blocklists.Problem) {
            return try Blocklists(opening: BlocklistFile(file))
        } catch {
            throw Failure(.badData, "\(path): \(error.text)")
        }
    }
}
