import AgentCore
import ConfigurationFiles
import NetworkTypes
import SystemIO

/// The capture files of devices that were put into quarantine, in a folder of the state directory. The oldest go first.
struct EvidenceFiles {
    /// Most files kept; each has at most some 9 KiB.
    static let maximumFiles = 64

    private let folder: ByteString

    init(_ state: StateDirectory) { folder = state.evidence }

    /// Writes a file; `name` begins with a time, so that names are in the order of time.
    func keep(_ capture: [UInt8], as name: ByteString, _ log: Log) {
        do throws(SystemError) {
            try FileSystem.makeDirectory(folder, mode: 0o700)
            // What another hand put there is not ours to count, nor to remove.
            let names = try FileSystem.list(folder, limit: 4 * EvidenceFiles.maximumFiles).filter {
                $0.hasSuffix(".pcap")
            }
            for old in names.ordered().prefix(Swift.max(0, names.count + 1 - EvidenceFiles.maximumFiles)) {
                try FileSystem.remove("\(folder)/\(old)")
            }
            try FileSystem.writeAtomically(capture, to: "\(folder)/\(name)", mode: 0o600)
        } catch {
            log.error("the packets of a device in quarantine were not kept: \(error.byteString)")
        }
    }
}

extension FloodLimits {
    init(_ configuration: AgentConfiguration.Floods) {
        self.init()
        syn = configuration.syn
        udp = configuration.udp
        icmp = configuration.icmp
        dns = configuration.dns
        other = configuration.other
    }
}
