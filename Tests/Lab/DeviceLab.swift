// A bridge full of programs that real devices run, or that are made as the devices' own are: DHCP clients, avahi, minidlna,
// net-snmp, mosquitto's clients, and servers of ONVIF, Modbus, BACnet and CoAP by the Python packages people use.
//
//    printer    camera     mediaServer    router … workstation, which only asks
//    .101       .102       .103           .104     .110               DHCP, in 192.168.50.0/24
//      │ eth0     │ eth0     │ eth0         │ eth0   │ eth0
//    ┌─┴──────────┴──────────┴──────────────┴────────┴────────────┐
//    │ lan0 (bridge)   192.168.50.1/24                            │
//    │ gateway         DHCP server, MQTT broker                   │
//    │ wan0            leads nowhere                              │
//    └────────────────────────────────────────────────────────────┘
//
// Addresses of hardware and host names say nothing of who a device is, so that only its programs do.
import Foundation

/// The running lab of programs; see the drawing above. Its world ends with it.
public final class DeviceLab: Sendable {
    /// Where logs and configuration are; removed by `close`.
    public let directory: URL
    /// The gateway.
    public let gateway: LabHost
    private let world: World
    private let hosts: [LabHost]

    /// Makes the hosts, their network, the DHCP server and the broker; `startDevices` and `askDevices` come next.
    public static func start() throws -> DeviceLab {
        let lab = try DeviceLab()
        do {
            try lab.connect()
            try lab.startGateway()
        } catch {
            lab.close()
            throw error
        }
        return lab
    }

    private init() throws {
        directory = URL(fileURLWithPath: "/tmp/gatehouse-lab-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        let world = try World(log: directory.appendingPathComponent("world.log"))
        self.world = world
        let directory = directory
        gateway = try LabHost(name: "gateway", world: world, directory: directory)
        hosts = try RealDevice.allCases.map { try LabHost(name: $0.name, world: world, directory: directory) }
    }

    deinit { close() }

    /// Ends everything that runs in the lab and removes its files.
    public func close() {
        world.close()
        try? FileManager.default.removeItem(at: directory)
    }

    /// The host of a device.
    public subscript(device: RealDevice) -> LabHost { hosts[device.rawValue] }

    /// The path of a file in the lab's directory.
    public func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    /// Writes a file into the lab's directory and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        return path(name)
    }

    /// Records what the gateway sees, as pcap, until the process is stopped.
    public func startCapture(_ file: String) throws -> LabProcess {
        let capture = try gateway.start(Peer.command("capture.py", ["lan0", file]))
        try capture.wait(forOutput: "listening")
        return capture
    }

    /// Records the devices coming up and being asked, from beginning to end.
    public static func record(to file: String) throws {
        guard isPossible else {
            let missing = Lab.missingPrograms() + missingPrograms()
            let words = missing.isEmpty ? "root, namespaces or .venv-peers" : missing.joined(separator: ", ")
            throw LabError("the lab of devices lacks \(words)")
        }
        let lab = try start()
        defer { lab.close() }
        let capture = try lab.startCapture(file)
        try lab.startDevices()
        try lab.askDevices()
        try capture.stop()
    }

    private func connect() throws {
        var script = "ip link set lo up\nip link add lan0 type bridge mcast_snooping 0\n"
        for device in RealDevice.allCases {
            script += """
                ip link add port\(device.number) netns \(gateway.holder) type veth \
                    peer name eth0 netns \(self[device].holder) address \(device.mac)
                ip link set port\(device.number) master lan0 up

                """
        }
        // What one port sends to another reaches the bridge itself only while that is promiscuous, as the agent makes it.
        script += """
            ip address add \(LabAddress.gateway)/24 dev lan0
            ip link set lan0 up promisc on
            ip link add wan0 type veth peer name nowhere
            ip link set wan0 up
            """
        try gateway.shell(script)
        for host in hosts { try host.shell("ip link set lo up; ip link set eth0 up") }
    }

    private func startGateway() throws {
        let leases = RealDevice.allCases.map { "--dhcp-host=\($0.mac),\($0.address)" }
        let leaseServer = try gateway.start(
            [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=", "--log-facility=-",
                "--interface=lan0", "--bind-interfaces", "--dhcp-authoritative", "--no-ping",
                "--dhcp-leasefile=\(path("leases"))", "--dhcp-range=192.168.50.150,192.168.50.199,1h",
            ] + leases
        )
        try leaseServer.wait(forOutput: "DHCP, sockets bound")
        let configuration = try write("user root\nallow_anonymous true\nlistener 1883\n", to: "mosquitto.conf")
        let broker = try gateway.start(["mosquitto", "-c", configuration, "-v"])
        try broker.wait(forOutput: " running")
    }

    /// The programs that this lab needs beyond those of `Lab` and that are not installed.
    public static func missingPrograms() -> [String] {
        let needed = [
            "dhcpcd", "avahi-daemon", "minidlnad", "snmpd", "snmpget", "snmpwalk", "mosquitto_sub",
        ]
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return needed.filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
    }

    /// Whether programs, packages and kernel allow this lab here. avahi and dhcpcd hand their files to users of their own,
    /// which a user namespace without those users refuses, as it refuses setgroups(2) (user_namespaces(7)).
    public static let isPossible: Bool = {
        let groups = try? String(contentsOfFile: "/proc/self/setgroups", encoding: .utf8)
        return geteuid() == 0 && groups?.hasPrefix("allow") == true && Lab.isPossible && missingPrograms().isEmpty
            && Peer.packagesPython != nil
    }()
}
