import ConfigurationFiles
import NetworkTypes
import SystemIO

extension Doctor {
    /// How long the collector has to take a connection.
    static let collectorMilliseconds: UInt64 = 5_000

    mutating func checkInterfaces() {
        do throws(SystemError) { interfaces = try NetworkTables().interfaces() } catch {
            say(.notAsked, "interfaces", error.byteString)
            return
        }
        for name in configuration.deviceInterfaces + [configuration.uplinkInterface] {
            let check: ByteString = "interface:\(name)"
            guard let interface = interfaces.first(where: { $0.name == name }) else {
                say(.wanting, check, "there is none of this name; correct interfaces in the configuration")
                continue
            }
            if !interface.isUp {
                say(.wanting, check, "it is down; ip link set \(name) up")
            } else if !interface.isRunning {
                say(.notice, check, "it is up, and has no carrier: no cable, or nothing at the other end")
            } else if interface.addresses.isEmpty {
                say(.notice, check, "it is up, and has no address")
            } else {
                say(.good, check, "up, \(interface.addresses[0].address.byteString)")
            }
        }
    }

    /// IPv6 matters where devices have addresses beyond their link.
    mutating func checkForwarding() {
        let guarded = interfaces.filter { configuration.deviceInterfaces.contains($0.name) }
        func check(_ name: ByteString, _ path: ByteString, _ family: IPAddress.Family) {
            let isNeeded = guarded.contains { interface in
                interface.addresses.contains { $0.address.family == family && !$0.address.isLinkLocal }
            }
            guard isNeeded else { return }
            switch Doctor.read(path, limit: 16) {
            case "1": say(.good, name, "on")
            case nil: say(.notAsked, name, "\(path) cannot be read")
            default: say(.wanting, name, "off: devices reach nothing beyond the gateway; set it to 1 in /etc/sysctl.d")
            }
        }
        check("forwarding-ipv4", "/proc/sys/net/ipv4/ip_forward", .v4)
        check("forwarding-ipv6", "/proc/sys/net/ipv6/conf/all/forwarding", .v6)
    }

    mutating func checkCollector() {
        let host = configuration.collectorHost
        let port = configuration.agentPort
        var words: ByteString = "no address is known"
        switch HostResolution.blocking(host) {
        case .addresses(let addresses):
            for address in addresses {
                do throws(SystemError) {
                    let stream = try ByteStream.connecting(to: SocketAddress(address, port: port))
                    try stream.waitUntilConnected(timeoutMilliseconds: Doctor.collectorMilliseconds)
                    say(.good, "collector", "\(stream.name) takes connections")
                    return
                } catch {
                    words = error.byteString
                }
            }
        case .failed(let reason): words = "no address is known: \(reason)"
        case .pending: break
        }
        say(.wanting, "collector", "\(host), port \(port): \(words)")
    }

    /// The agent's own ports, and who else answers DNS.
    mutating func checkPorts() {
        guard configuration.enforcement.isEnabled else { return }
        if isRunning {
            say(.good, "ports", "the running agent has them")
        } else {
            for (check, port) in [("dns.port", configuration.dns.port), ("notice.port", configuration.notice.port)]
                as [(ByteString, UInt16)]
            {
                do throws(SystemError) {
                    for family in [IPAddress.Family.v4, .v6] {
                        let address = SocketAddress.any(family, port: port)
                        do throws(SystemError) {
                            if check == "dns.port" { _ = try DatagramSocket.listening(on: address) }
                            _ = try StreamListener(address)
                        } catch {
                            // A host without IPv6 has no such address (EAFNOSUPPORT, EADDRNOTAVAIL).
                            guard family == .v6, error.code == 97 || error.code == 99 else { throw error }
                        }
                    }
                    say(.good, check, "\(port) is free")
                } catch {
                    say(.wanting, check, "\(error.byteString): another program has it; choose another")
                }
            }
        }
        let listeners = ["/proc/net/udp", "/proc/net/udp6"] as [ByteString]
        let isTaken = listeners.contains { path in
            (Doctor.read(path, limit: 1 << 20) ?? "").split(0x0A).contains { line in
                // `sl local_address rem_address …`: the port is in hexadecimal after the colon (proc(5)).
                let words = line.split(0x20).filter { !$0.isEmpty }
                return words.count > 1 && words[1].hasSuffix(":0035")
            }
        }
        if isTaken {
            say(
                .notice,
                "port-53",
                """
                a resolver of this host listens there; under a policy the devices' questions lead to the agent, not to it (it \
                may be one of dns.upstreams)
                """
            )
        } else {
            say(.good, "port-53", "no other resolver listens on this host")
        }
    }
}
