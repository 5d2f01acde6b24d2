import AgentCore
import NetworkTypes
import SystemIO

/// Opens the file of blocklists.
enum BlocklistFile {
    /// The lists in a file that nobody signed, and SHA-256 of the file.
    static func open(_ path: ByteString) throws(Failure) -> (lists: Blocklists, hash: ByteString) {
        let file: MappedFile
        do throws(SystemError) {
            file = try MappedFile(path, limit: BlocklistFormat.maximumLength)
        } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl blocklist build")
        }
        do throws(Blocklists.Problem) {
            let bytes = MappedBytes(file)
            return (try Blocklists(opening: bytes), ByteString(bytes.hash))
        } catch {
            throw Failure(.badData, "\(path): \(error.text)")
        }
    }
}
