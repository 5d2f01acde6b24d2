import Foundation
import Lab

/// What enforcement costs and how fast it is: forwarding beside a kernel without rules, DNS beside dnsmasq with nftset, a
/// push to its proof, a withdrawal to the cut, a scan to the quarantine. With the agent in Embedded mode. Prints figures and
/// judges none: how fast a machine is, is not the agent's doing.
struct EnforcementMeasurement {
    /// What can be measured alone.
    enum Part: String, CaseIterable {
        case changes, scans, names, forwarding

        /// As the command line takes them.
        static let words = allCases.map(\.rawValue).joined(separator: "|")
    }

    /// How often a policy is pushed and withdrawn.
    static let changes = 200
    /// How often a device scans.
    static let scans = 20
    /// The internet's name server of the measurement, which knows `names`.
    static let resolver = "192.0.2.54"
    /// The port of iperf3 at the cloud.
    static let forwardingPort = 5201
    /// The port of dnsmasq with nftset on the gateway.
    static let otherPort = 5354
    /// Names below `bench.example`, each with an address of its own; with `cachedNames` no device has more than the 4,096 it may hold.
    static let nameCount = 14_000

    let stage: Stage
    let story: Story
    /// What the devices' names are.
    let devices: [LabHost]
    /// The camera's connection to its cloud.
    let cloud: LabProcess

    /// Brings the lab up to the point where everything can be measured: enrolled, connected, devices seen, policy proved.
    static func run(on stage: Stage) throws {
        guard FileManager.default.isExecutableFile(atPath: stage.options.embeddedAgent.path) else {
            throw LabError("\(stage.options.embeddedAgent.path) is not there: cross/build amd64")
        }
        let story = Story(stage)
        for step in story.beginning.prefix(2) { _ = try step.run() }
        try stage.agent?.stop()
        try startResolver(stage)
        let configuration = try String(contentsOfFile: stage.path("agent.yaml"), encoding: .utf8)
        // What is measured would be a flood.
        try stage.write(
            configuration.replacingOccurrences(
                of: "upstreams: [\(LabAddress.resolver)]",
                with: "upstreams: [\(resolver)]"
            ) + "floods: { dns: 0 }\n",
            to: "agent.yaml"
        )
        try stage.startAgent(stage.options.embeddedAgent)
        let camera = try stage.lab.lease(
            stage.lab.camera,
            hostname: "axis-accc8e010203",
            vendorClass: "AXIS,Network Camera,M3045-V,9.80.1"
        )
        _ = try stage.lab.startInfected()
        _ = try stage.lab.startRecorder()
        _ = try stage.lab.lease(stage.lab.sensor, hostname: "shellyht-0A0B0C", vendorClass: "udhcp 1.27.2")
        for address in [LabAddress.camera, LabAddress.sensor, LabAddress.infected, LabAddress.recorder] {
            try Lab.wait(within: 20, for: "\(address) to be seen; its lease: \(camera.output)") {
                try stage.device(at: address) != nil
            }
        }
        let cloud = try stage.lab.camera.start(
            Peer.command(
                "cloudclient.py",
                [
                    "cloud.camera.example", "--ca", stage.lab.authorityFile.path, "--beat-milliseconds", "5",
                    "--pause-milliseconds", "50",
                ]
            ),
            label: "cloudclient"
        )
        let measurement = EnforcementMeasurement(
            stage: stage,
            story: story,
            devices: [stage.lab.camera, stage.lab.sensor, stage.lab.infected, stage.lab.recorder],
            cloud: cloud
        )
        try measurement.measure()
    }

    private func measure() throws {
        let size = try stage.lab.gateway.run(["stat", "-c", "%s", stage.options.embeddedAgent.path])
        let kernel = try stage.lab.gateway.run(["uname", "-sr"])
        say("agent in Embedded mode, \(size.trimmed) bytes; \(kernel.trimmed)")
        try pushFirst()
        for part in stage.options.measuredParts ?? [] {
            switch part {
            case .changes: try measureChanges()
            case .scans: try measureScans()
            case .names: try measureNames()
            case .forwarding: try measureForwarding()
            }
        }
    }

    /// dnsmasq with a hosts file: an address of RFC 2544's range for each name, and the cloud's.
    private static func startResolver(_ stage: Stage) throws {
        var hosts = "\(LabAddress.cloud) cloud.camera.example\n"
        for number in 0..<nameCount { hosts += "198.18.\(number >> 8).\(number & 255) \(name(number))\n" }
        for (number, name) in cachedNames.enumerated() { hosts += "198.19.\(number >> 8).\(number & 255) \(name)\n" }
        try stage.write(hosts, to: "bench-hosts")
        try stage.lab.internet.shell("ip address add \(resolver)/32 dev lo")
        let server = try stage.lab.internet.start([
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-", "--no-resolv",
            "--no-hosts",
            "--local=/example/", "--listen-address=\(resolver)", "--bind-interfaces", "--local-ttl=300",
            "--addn-hosts=\(stage.path("bench-hosts"))",
        ])
        try server.wait(forOutput: "read \(stage.path("bench-hosts"))")
    }

    /// What one device asks for again and again. Below a name of their own, and fewer than a tunnel in names has: each device
    /// has asked for thousands of the others.
    static let cachedNames = (0..<300).map { "h\($0).cached.example" }

    static func name(_ number: Int) -> String { "h\(number).bench.example" }

    /// What all devices may reach; without `withCloud` the camera's cloud is left out.
    static func policy(withCloud: Bool) -> String {
        """
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: bench
        mode: enforce
        allow:
          - { to: "*.bench.example", ports: [443/tcp] }
          - { to: "*.cached.example", ports: [443/tcp] }
          - { to: gateway, ports: [\(otherPort)/udp] }
          - { to: \(LabAddress.cloud), ports: [\(forwardingPort)/tcp, \(forwardingPort)/udp] }
        \(withCloud ? "  - { to: cloud.camera.example, ports: [443/tcp] }" : "")

        """
    }

    // MARK: figures

    /// The middle of some values.
    static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    /// The nearest rank: the least value that `share` of them do not exceed.
    static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
    }

    static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// `p50 31, p99 58, most 70 ms of 200`
    static func summary(_ milliseconds: [Double]) -> String {
        "p50 \(fixed(quantile(milliseconds, 0.5), 0)), p99 \(fixed(quantile(milliseconds, 0.99), 0)), most "
            + "\(fixed(milliseconds.max() ?? 0, 0)) ms of \(milliseconds.count)"
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
