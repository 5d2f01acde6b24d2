import AgentCore
import ConfigurationFiles
import NetworkTypes
import PacketParsing
import SystemIO

extension AgentRuntime {
    /// How often a controller is asked to look around, where the configuration wants it.
    static let discoveryMilliseconds: UInt64 = 30_000

    /// Listens once there is a controller; says it once where that cannot be.
    func openBluetooth(_ controllers: [ByteString]) {
        guard bluetooth == nil, !controllers.isEmpty, !hasBluetoothFailed else {
            return
        }
        do throws(SystemError) {
            let socket = try BluetoothSocket()
            try loop.add(socket.descriptor, token: Token.bluetooth, interest: .readable)
            bluetooth = socket
        } catch {
            hasBluetoothFailed = true
            log.warning("Bluetooth is not listened to: \(error.byteString)")
        }
    }

    func readBluetooth() {
        guard let bluetooth else { return }
        let now = now
        do throws(SystemError) {
            for _ in 0..<BluetoothSocket.batchLimit {
                guard let bytes = try bluetooth.receive() else { return }
                take(bytes, now)
            }
        } catch {
            log.error(error.byteString)
            loop.remove(bluetooth.descriptor)
            self.bluetooth = nil
            hasBluetoothFailed = true
        }
    }

    private func take(_ bytes: [UInt8], _ now: AgentTime) {
        var reader = ByteReader(bytes.span)
        do throws(DecodeError) {
            let event = try BluetoothManagementEvent(parsing: &reader)
            if event.status != 0 { counters.bluetoothRefused += 1 }
            if let sighting = event.sighting { carryOut(agent.take(sighting, now: now)) }
        } catch {
            counters.bluetoothMalformed += 1
        }
    }

    /// Lets the controllers look for devices, where the configuration wants that.
    func discoverBluetooth(_ now: AgentTime) {
        guard let bluetooth, configuration.discoversBluetooth, now.monotonicMilliseconds >= discoveryDueMilliseconds
        else { return }
        discoveryDueMilliseconds = now.monotonicMilliseconds + AgentRuntime.discoveryMilliseconds
        for name in localTree?.entries(of: "/sys/class/bluetooth") ?? [] {
            // `hci0`; a connection is `hci0:64`.
            guard name.hasPrefix("hci"), let index = Decimal.parse(ByteString(Array(name.bytes[3...]))) else {
                continue
            }
            do throws(SystemError) {
                try bluetooth.startDiscovery(controller: UInt16(truncatingIfNeeded: index))
            } catch {
                counters.bluetoothRefused += 1
            }
        }
    }
}
