import Foundation
import NetworkTypes
import TLS

/// The addresses and names of the lab; see the drawing in Lab.swift.
public enum LabAddress {
    /// The gateway as the devices see it.
    public static let gateway = "192.168.50.1"
    /// The gateway's uplink.
    public static let uplink = "198.51.100.2"
    /// The devices, which always get the same lease.
    public static let camera = "192.168.50.101"
    /// The sensor.
    public static let sensor = "192.168.50.102"
    /// The device that was taken over.
    public static let infected = "192.168.50.103"
    /// The video recorder.
    public static let recorder = "192.168.50.104"
    /// The internet's name server, which DHCP tells the devices.
    public static let resolver = "192.0.2.53"
    /// The camera's cloud.
    public static let cloud = "192.0.2.80"
    /// The sensor's broker.
    public static let broker = "192.0.2.83"
    /// A server that no device should reach.
    public static let tracker = "192.0.2.66"
    /// The collector.
    public static let central = "203.0.113.10"

    /// The names that the internet's name server knows.
    public static let names: [(name: String, suffix: String)] = [
        ("cloud.camera.example", "80"), ("updates.camera.example", "81"), ("mqtt.sensor.example", "83"),
        ("tracker.example", "66"),
    ]
}

extension Lab {
    private static let devices: [(name: String, mac: String, address: String)] = [
        ("camera", "ac:cc:8e:01:02:03", LabAddress.camera), ("sensor", "a4:cf:12:0a:0b:0c", LabAddress.sensor),
        ("infected", "3c:ef:8c:01:02:03", LabAddress.infected), ("recorder", "00:11:32:01:02:03", LabAddress.recorder),
    ]

    /// Lays the cables, and gives the hosts between the devices and the centre their addresses and routes.
    func connect() throws {
        var cables: [String] = []
        for (host, device) in zip(devices, Lab.devices) {
            cables.append(
                "ip link add \(device.name)0 netns \(gateway.holder) type veth "
                    + "peer name eth0 netns \(host.holder) address \(device.mac)"
            )
        }
        cables.append(
            "ip link add wan0 netns \(gateway.holder) type veth peer name gateway0 netns \(internet.holder)"
        )
        cables.append("ip link add central0 netns \(internet.holder) type veth peer name eth0 netns \(central.holder)")
        try gateway.shell(cables.joined(separator: "\n"))
        for host in devices { try host.shell("ip link set lo up; ip link set eth0 up") }
        let ports = Lab.devices.map { "ip link set \($0.name)0 master lan0 up" }.joined(separator: "\n")
        try gateway.shell(
            """
            ip link set lo up
            ip link add lan0 type bridge mcast_snooping 0
            \(ports)
            ip address add \(LabAddress.gateway)/24 dev lan0
            ip address add 2001:db8:50::1/64 dev lan0 nodad
            ip link set lan0 up
            ip address add \(LabAddress.uplink)/24 dev wan0
            ip address add 2001:db8:100::2/64 dev wan0 nodad
            ip link set wan0 up
            ip route add default via 198.51.100.1
            ip route add default via 2001:db8:100::1
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            """
        )
        // As on the real internet, packets to addresses that nobody has vanish.
        try internet.shell(
            """
            ip link set lo up
            ip address add 198.51.100.1/24 dev gateway0
            ip address add 2001:db8:100::1/64 dev gateway0 nodad
            ip link set gateway0 up
            ip address add 203.0.113.1/24 dev central0
            ip address add 2001:db8:200::1/64 dev central0 nodad
            ip link set central0 up
            for suffix in 53 66 80 81 83; do
                ip address add 192.0.2.$suffix/32 dev lo
                ip address add 2001:db8:2::$suffix/128 dev lo nodad
            done
            ip route add 2001:db8:50::/64 via 2001:db8:100::2
            ip route add blackhole default
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            """
        )
        try central.shell(
            """
            ip link set lo up
            ip address add \(LabAddress.central)/24 dev eth0
            ip address add 2001:db8:200::10/64 dev eth0 nodad
            ip link set eth0 up
            ip route add default via 203.0.113.1
            ip route add default via 2001:db8:200::1
            """
        )
    }

    /// What a gateway does before Gatehouse comes: leases, router advertisements, address translation.
    func startGateway() throws {
        try gateway.run(
            ["nft", "-f", "-"],
            input: """
                table ip lab {
                    chain postrouting {
                        type nat hook postrouting priority srcnat;
                        oifname "wan0" ip saddr 192.168.50.0/24 masquerade
                    }
                }

                """
        )
        try gateway.shell("echo 'nameserver \(LabAddress.resolver)' > /etc/resolv.conf")
        let leases = Lab.devices.map { "--dhcp-host=\($0.mac),\($0.address)" }
        // Not as a daemon it keeps its user: in a user namespace there is none to change to.
        let leaseServer = try gateway.start(
            [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
                "--pid-file=",
                "--log-facility=-", "--interface=lan0", "--bind-interfaces", "--dhcp-authoritative", "--no-ping",
                "--dhcp-leasefile=\(directory.path)/leases", "--dhcp-range=192.168.50.150,192.168.50.199,1h",
                "--dhcp-option=option:dns-server,\(LabAddress.resolver)", "--enable-ra",
                "--dhcp-range=2001:db8:50::,ra-only", "--log-dhcp",
            ] + leases
        )
        try leaseServer.wait(forOutput: "DHCP, sockets bound")
    }

    /// The servers of the internet: names, a cloud, a broker, and one to keep away from.
    func startInternet() throws {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.create(
            commonName: "Lab internet CA",
            nowSeconds: now,
            lifetimeSeconds: 86_400
        )
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "internet",
            dnsNames: LabAddress.names.map { ByteString(utf8: $0.name) },
            nowSeconds: now,
            lifetimeSeconds: 86_400
        )
        let certificateFile = directory.appendingPathComponent("internet.pem")
        let keyFile = directory.appendingPathComponent("internet.key")
        try Data(authority.certificate.pem().bytes).write(to: authorityFile)
        try Data(CertificateChain(leaf: leaf).pem().bytes).write(to: certificateFile)
        try Data(key.pem().bytes).write(to: keyFile)

        let records = LabAddress.names.map { "--host-record=\($0.name),192.0.2.\($0.suffix),2001:db8:2::\($0.suffix)" }
        let resolver = try internet.start(
            [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null",
                "--pid-file=",
                "--log-facility=-", "--log-queries", "--no-resolv", "--no-hosts", "--local=/example/",
                "--listen-address=\(LabAddress.resolver),2001:db8:2::53", "--bind-interfaces", "--local-ttl=60",
                "--cname=stream.camera.example,cloud.camera.example",
            ] + records
        )
        let cloud = try internet.start(
            Peer.command("cloud.py", ["--certificate", certificateFile.path, "--key", keyFile.path]),
            label: "cloud"
        )
        let configuration = directory.appendingPathComponent("mosquitto.conf")
        try Data(
            """
            user root
            allow_anonymous true
            listener 8883
            certfile \(certificateFile.path)
            keyfile \(keyFile.path)

            """.utf8
        ).write(to: configuration)
        let broker = try internet.start(["mosquitto", "-c", configuration.path, "-v"])
        try cloud.wait(forOutput: "serving")
        try Lab.wait(within: 10, for: "the internet's servers") {
            for server in [resolver, broker] where !server.isRunning {
                throw LabError("\(server.command.first ?? "") ended: \(server.output)")
            }
            let sockets = try internet.run(["ss", "-Hltnu"])
            return sockets.contains("192.0.2.53:53") && sockets.contains(":8883") && sockets.contains(":443")
        }
    }
}
