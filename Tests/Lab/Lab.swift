// The lab: a gateway with devices behind it, an internet before it, and a collector at the centre, each host a set of
// namespaces inside one world of its own. Nothing of it touches the network of the computer it runs on.
//
//    camera            sensor            infected            recorder
//    192.168.50.101    192.168.50.102    192.168.50.103      192.168.50.104      DHCP, and SLAAC in 2001:db8:50::/64
//    ac:cc:8e:01:02:03 a4:cf:12:0a:0b:0c 3c:ef:8c:01:02:03   00:11:32:01:02:03
//      │ eth0             │ eth0            │ eth0              │ eth0
//      │ camera0          │ sensor0         │ infected0         │ recorder0
//    ┌─┴──────────────────┴─────────────────┴───────────────────┴─┐
//    │ lan0 (bridge)   192.168.50.1/24   2001:db8:50::1/64        │
//    │ gateway         DHCP server, router advertisements, NAT    │
//    │ wan0            198.51.100.2/24   2001:db8:100::2/64       │
//    └─┬──────────────────────────────────────────────────────────┘
//      │ gateway0      198.51.100.1/24   2001:db8:100::1/64
//    ┌─┴──────────────────────────────────────────────────────────┐
//    │ internet        192.0.2.53    2001:db8:2::53   DNS         │
//    │                 192.0.2.80    2001:db8:2::80   cloud.camera.example:443, .81: updates.camera.example
//    │                 192.0.2.83    2001:db8:2::83   mqtt.sensor.example:8883
//    │                 192.0.2.66    2001:db8:2::66   tracker.example:443, what no device should reach
//    │ central0        203.0.113.1/24    2001:db8:200::1/64       │
//    └─┬──────────────────────────────────────────────────────────┘
//      │ eth0          203.0.113.10/24   2001:db8:200::10/64
//    central           the collector; by a relay also at 127.0.0.1 of the computer outside
//
// Addresses are those set aside for documentation (RFC 5737, RFC 3849), names those of RFC 2606.
import Foundation

/// A running lab; see the drawing above. Close it, or let it go: its world ends with it.
public final class Lab: Sendable {
    /// Where keys, logs and configuration of this lab are; removed by `close`.
    public let directory: URL
    /// The gateway.
    public let gateway: LabHost
    /// A camera.
    public let camera: LabHost
    /// A sensor that speaks MQTT.
    public let sensor: LabHost
    /// A device that was taken over.
    public let infected: LabHost
    /// A video recorder, which looks for cameras and plays their streams.
    public let recorder: LabHost
    /// Everything beyond the gateway's uplink.
    public let internet: LabHost
    /// The collector's computer.
    public let central: LabHost
    /// The authority that the servers of the lab's internet have their certificates from.
    public let authorityFile: URL
    private let world: World
    private let keepsDirectory: Bool

    /// Makes the hosts, their network and the servers of the internet; devices are started with `startCamera` and so on.
    public static func start(
        keepingDirectory: Bool = ProcessInfo.processInfo.environment["GATEHOUSE_KEEP_LAB"] != nil
    ) throws -> Lab {
        if let missing = missingPrograms().first {
            throw LabError("the lab needs \(missing); install: \(packages.joined(separator: " "))")
        }
        let lab = try Lab(keepingDirectory: keepingDirectory)
        do {
            try lab.connect()
            try lab.startGateway()
            try lab.startInternet()
        } catch {
            lab.close()
            throw error
        }
        return lab
    }

    private init(keepingDirectory: Bool) throws {
        keepsDirectory = keepingDirectory
        // Short, because the paths of Unix sockets may have 107 bytes at most.
        directory = URL(fileURLWithPath: "/tmp/gatehouse-lab-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        let world = try World(log: directory.appendingPathComponent("world.log"))
        self.world = world
        let directory = directory
        func host(_ name: String) throws -> LabHost { try LabHost(name: name, world: world, directory: directory) }
        gateway = try host("gateway")
        camera = try host("camera")
        sensor = try host("sensor")
        infected = try host("infected")
        recorder = try host("recorder")
        internet = try host("internet")
        central = try host("central")
        authorityFile = directory.appendingPathComponent("internet-ca.pem")
    }

    deinit { close() }

    /// Ends everything that runs in the lab, and removes its files unless they are to be kept.
    public func close() {
        world.close()
        if !keepsDirectory { try? FileManager.default.removeItem(at: directory) }
    }

    /// The devices, in the order of their addresses.
    public var devices: [LabHost] { [camera, sensor, infected, recorder] }

    /// Asks again and again until `condition` holds; when it does not in time, throws what was waited for.
    public static func wait(
        within seconds: Double,
        for description: @autoclosure () -> String,
        until condition: () throws -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !condition() {
            guard ContinuousClock.now < deadline else {
                throw LabError("waited \(seconds) s for \(description())")
            }
            usleep(20_000)
        }
    }

    /// Debian packages that the lab's programs come from.
    public static let packages = [
        "iproute2", "nftables", "udhcpc", "dnsmasq-base", "mosquitto", "mosquitto-clients", "python3", "util-linux",
        "tcpdump", "curl",
    ]

    /// The programs that the lab needs and that are not installed.
    public static func missingPrograms() -> [String] {
        let needed = [
            "ip", "nft", "udhcpc", "dnsmasq", "mosquitto", "mosquitto_pub", "python3", "unshare", "tcpdump", "curl",
        ]
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        return needed.filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
    }

    /// Whether programs and kernel allow a lab here; tests that need one are skipped where not.
    public static let isPossible: Bool = {
        guard missingPrograms().isEmpty else { return false }
        let trial = Process()
        trial.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        trial.arguments =
            (geteuid() != 0 ? ["--user", "--map-root-user"] : [])
            + ["--net", "--mount", "--pid", "--fork", "--mount-proc", "/bin/true"]
        trial.standardError = FileHandle.nullDevice
        guard (try? trial.run()) != nil else { return false }
        trial.waitUntilExit()
        return trial.terminationStatus == 0
    }()
}
