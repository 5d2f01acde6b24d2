import AgentCore
import NetworkTypes
import SystemIO

/// Opens the file of blocklists.
enum BlocklistFile {
    /// The lists in a file.
    static func open(_ path: ByteString) throws(Failure) -> Blocklists {
        let file: MappedFile
        do throws(SystemError) {
            file = try MappedFile(path, limit: BlocklistFormat.maximumLength)
        } catch {
            throw Failure(.badConfiguration, "\(error.byteString); make it with gatehousectl blocklist build")
        }
        do throws(Blocklists.Problem) {
            return try Blocklists(opening: MappedBytes(file))
        } catch {
            throw Failure(.badData, "\(path): \(error.text)")
        }
    }
}
