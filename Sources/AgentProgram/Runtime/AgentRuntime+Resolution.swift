import AgentCore
import NetworkTypes
import SystemIO

// Where the collector is. The addresses are also what no policy may block, so the last ones are kept over a restart.
extension AgentRuntime {
    /// How long the host's resolver has. It is a child process that an alarm ends; the loop does not wait for it.
    static let resolutionLimitSeconds: UInt32 = 10

    /// Finds the addresses of the collector's name.
    func resolve() {
        guard let record, credentials != nil else {
            // Not enrolled: the reports wait.
            take(uplink.handle(.closed(entropy: entropy()), now: now))
            return
        }
        if let address = IPAddress(record.host) {
            resolved(.addresses([address]))
            return
        }
        do throws(SystemError) {
            let made = try HostResolution(record.host, limitSeconds: AgentRuntime.resolutionLimitSeconds)
            try loop.add(made.descriptor, token: Token.resolution, interest: .readable)
            resolution = made
        } catch {
            resolved(.failed(error.byteString))
        }
    }

    func advanceResolution() {
        guard let resolution else { return }
        let progress: HostResolution.Progress
        do throws(SystemError) { progress = try resolution.progress() } catch { progress = .failed(error.byteString) }
        if progress == .pending { return }
        endResolution()
        resolved(progress)
    }

    func endResolution() {
        if let resolution { loop.remove(resolution.descriptor) }
        resolution = nil
    }

    private func resolved(_ progress: HostResolution.Progress) {
        switch progress {
        case .pending: return
        case .addresses(let found): if found != collectorAddresses { remember(found) }
        case .failed(let words):
            counters.resolutionsFailed += 1
            let reason: ByteString = "no address is known for \(record?.host ?? ""): \(words)"
            // Those of yesterday are worth a try.
            if collectorAddresses.isEmpty {
                disconnect(reason)
                return
            }
            log.debug(reason)
        }
        take(uplink.handle(.resolved(count: collectorAddresses.count), now: now))
    }

    private func remember(_ found: [IPAddress]) {
        collectorAddresses = found
        protect()
        var text = record?.host ?? ""
        for address in found { text.append("\n\(address.byteString)") }
        do throws(Failure) { try state.write(text.bytes, to: state.collectorAddresses) } catch {
            log.error(error.message)
        }
    }

    /// What an earlier run found, for the same name.
    func restoreAddresses() {
        guard let host = record?.host else { return }
        if let address = IPAddress(host) { collectorAddresses = [address] }
        guard collectorAddresses.isEmpty, FileSystem.exists(state.collectorAddresses) else { return }
        do throws(Failure) {
            let bytes = try state.read(state.collectorAddresses, limit: StateDirectory.maximumAddressesBytes)
            let lines = ByteString(bytes).split(0x0A)
            guard lines.first == host else { return }
            for line in lines { if let address = IPAddress(line) { collectorAddresses.append(address) } }
        } catch {
            log.error(error.message)
        }
    }
}
