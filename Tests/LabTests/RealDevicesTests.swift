import Foundation
import KnowledgeBuilder
import Lab
import NetworkTypes
import TestSupport
import Testing

/// Real programs as devices, named by the real agent: as it runs on the gateway's bridge, and from the capture of it.
@Suite(.serialized, .ownThread, .enabled(if: Programs.hasDevices, "needs root, packages, .venv-peers"))
struct RealDevicesTests {
    /// What must come out for a device, and by which signals.
    struct Expectation {
        var device: RealDevice
        var deviceClass = "unknown"
        var vendor: String?
        var model: String?
        var firmware: String?
        var operatingSystem: String?
        /// Signals that must be among the evidence, each with its whole value.
        var evidence: [(signal: String, value: String)]
        /// Kinds of signals of which the evidence must hold some value.
        var kinds: [String] = ["dhcp.vendorClass"]
    }

    static let expectations = [
        Expectation(
            device: .printer,
            deviceClass: "printer",
            vendor: "HP",
            model: "LaserJet Pro M404dn",
            operatingSystem: "Linux",
            evidence: [
                ("mdns.service", "_ipp._tcp"), ("mdns.text", "_ipp._tcp usb_MFG=HP"),
                ("mdns.text", "_ipp._tcp usb_MDL=LaserJet Pro M404dn"),
                ("mdns.text", "_ipp._tcp ty=HP LaserJet Pro M404dn"),
                ("mdns.instance", "HP LaserJet Pro M404dn (4A5B6C)"),
            ]
        ),
        Expectation(
            device: .camera,
            deviceClass: "ip-camera",
            vendor: "Hikvision",
            model: "DS-2CD2042WD-I",
            operatingSystem: "Linux",
            evidence: [
                ("wsd.type", "NetworkVideoTransmitter"),
                ("wsd.scope", "onvif://www.onvif.org/hardware/DS-2CD2042WD-I"),
                ("wsd.scope", "onvif://www.onvif.org/name/HIKVISION%20DS-2CD2042WD-I"),
            ]
        ),
        // A media server runs on storage, routers and computers alike: it does not say which it is on.
        Expectation(
            device: .mediaServer,
            operatingSystem: "Linux",
            evidence: [],
            kinds: ["dhcp.vendorClass", "ssdp.server", "http.server"]
        ),
        Expectation(
            device: .router,
            deviceClass: "router",
            vendor: "MikroTik",
            model: "RB750Gr3",
            operatingSystem: "RouterOS",
            evidence: [("snmp.description", "RouterOS RB750Gr3"), ("snmp.objectID", "1.3.6.1.4.1.14988.1")]
        ),
        // net-snmp as it comes tells of its kernel, and of no maker and no purpose.
        Expectation(
            device: .linuxHost,
            operatingSystem: "Linux",
            evidence: [],
            kinds: ["dhcp.vendorClass", "snmp.description", "snmp.objectID"]
        ),
        Expectation(
            device: .controller,
            deviceClass: "plc",
            vendor: "Schneider",
            model: "BMX P34 2020",
            firmware: "v2.6",
            operatingSystem: "Linux",
            evidence: [
                ("modbus.identification", "vendor=Schneider Electric"),
                ("modbus.identification", "product=BMX P34 2020"), ("modbus.identification", "firmware=v2.6"),
            ]
        ),
        Expectation(
            device: .buildingController,
            deviceClass: "building-controller",
            vendor: "Johnson Controls",
            model: "MS-NAE4510-2",
            firmware: "5.1.0.4400",
            operatingSystem: "Linux",
            evidence: [
                ("bacnet.device", "vendorID=5"), ("bacnet.device", "vendor=Johnson Controls, Inc."),
                ("bacnet.device", "model=MS-NAE4510-2"), ("bacnet.device", "firmware=5.1.0.4400"),
            ]
        ),
        // The type of its resource is all that it says; nothing of it names a maker.
        Expectation(
            device: .light,
            deviceClass: "lighting",
            operatingSystem: "Linux",
            evidence: [("coap.resource", "type=oic.d.light")]
        ),
        Expectation(
            device: .plug,
            deviceClass: "smart-plug",
            vendor: "Shelly",
            operatingSystem: "Linux",
            evidence: [("mqtt.clientID", "shellyplug-s-0A0B0C")]
        ),
        // Who asks a router, a controller and a camera is none of them.
        Expectation(device: .workstation, operatingSystem: "Linux", evidence: []),
        Expectation(
            device: .quietCamera,
            deviceClass: "ip-camera",
            vendor: "Axis",
            model: "M3045-V",
            firmware: "9.80.1",
            evidence: [("dhcp.vendorClass", "AXIS,Network Camera,M3045-V,9.80.1")]
        ),
    ]

    @Test func eachIsNamedByWhatItsProgramsSay() throws {
        let lab = try DeviceLab.start()
        defer { lab.close() }
        let knowledge = try KnowledgeBuilder.build(
            ruleDirectory: PeersPython.packageRoot.appendingPathComponent("agent-config/knowledge").path,
            ieeeDataDirectory: KnowledgeBuilder.defaultIEEEDataDirectory
        )
        try Data(knowledge).write(to: lab.directory.appendingPathComponent("knowledge.bin"))
        try lab.write(
            """
            collector: { host: 192.0.2.1 }
            interfaces: { devices: [lan0], uplink: wan0 }
            stateDirectory: \(lab.path("agent"))
            knowledge: \(lab.path("knowledge.bin"))
            enforcement: { enabled: false }
            dns: { upstreams: [192.0.2.53] }

            """,
            to: "agent.yaml"
        )
        let frames = lab.path("lan.pcap")
        let capture = try lab.startCapture(frames)
        let agent = try lab.gateway.start(agentCommand("run", lab), label: "agent")
        try Lab.wait(within: 30, for: "the agent to answer; its output: \(agent.output)") {
            try lab.gateway.attempt(agentCommand("status", lab)).status == 0
        }
        try lab.startDevices()
        try lab.askDevices()

        // As it runs.
        var seen: [String: [String: Any]] = [:]
        var wrong: [String] = []
        try Lab.wait(within: 15, for: "all devices to be named: \(wrong.joined(separator: "\n"))") {
            let text = try lab.gateway.run(agentCommand("status", lab) + ["--json"])
            let status = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            seen = keyed(status?["devices"] as? [[String: Any]] ?? [])
            wrong = Self.expectations.compactMap { difference($0, seen) }
            return wrong.isEmpty
        }
        // The gateway sees itself in no list of its devices.
        #expect(Set(seen.keys) == Set(RealDevice.allCases.map { "mac:\($0.mac)" }))
        #expect(agent.isRunning)
        try capture.stop()

        // From the capture.
        let lines = try lab.gateway.run([
            Programs.path("gatehouse-agent"), "identify", "--pcap", frames, "--knowledge", lab.path("knowledge.bin"),
            "--json",
        ]).split(separator: "\n")
        let read = keyed(
            try lines.compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        )
        for expectation in Self.expectations {
            #expect(difference(expectation, seen) == nil, "as it runs")
            #expect(difference(expectation, read) == nil, "from the capture")
        }
    }

    private func agentCommand(_ verb: String, _ lab: DeviceLab) -> [String] {
        [Programs.path("gatehouse-agent"), verb, "--config", lab.path("agent.yaml")]
    }

    private func keyed(_ devices: [[String: Any]]) -> [String: [String: Any]] {
        Dictionary(devices.map { ($0["key"] as? String ?? "", $0) }, uniquingKeysWith: { $1 })
    }

    /// What is not as expected; nil where all is.
    private func difference(_ expected: Expectation, _ devices: [String: [String: Any]]) -> String? {
        let name = expected.device.name
        guard let device = devices["mac:\(expected.device.mac)"] else { return "\(name): not seen" }
        let fields = [
            ("class", expected.deviceClass), ("vendor", expected.vendor), ("model", expected.model),
            ("firmware", expected.firmware), ("os", expected.operatingSystem), ("hostname", expected.device.hostname),
        ]
        for (field, value) in fields where device[field] as? String != value {
            return "\(name): \(field) is \(device[field] ?? "missing"), not \(value ?? "null")"
        }
        guard (device["addresses"] as? [String])?.contains(expected.device.address) == true else {
            return "\(name): its address is not among \(device["addresses"] ?? "none")"
        }
        let evidence = device["evidence"] as? [[String: Any]] ?? []
        let pairs = evidence.map { ($0["signal"] as? String ?? "", $0["value"] as? String ?? "") }
        for wanted in expected.evidence where !pairs.contains(where: { $0 == wanted }) {
            return "\(name): no \(wanted) in \(pairs)"
        }
        for wanted in expected.kinds where !pairs.contains(where: { $0.0 == wanted }) {
            return "\(name): no \(wanted) in \(pairs)"
        }
        let own = Set(expected.evidence.map(\.signal) + expected.kinds)
        for (signal, value) in pairs where !own.contains(signal) {
            return "\(name): nothing of it says \(signal)=\(value)"
        }
        return nil
    }
}
