import AgentCore
import Foundation
import Lab
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// The agent asks devices in namespaces, through its own rules in the kernel: what it sends is what it declares, what is
/// answered names the device, who resets or answers 401 is left alone, and who is not opted in gets nothing.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasAgent, "needs a lab, and the agent beside the tests")
)
struct ProbeTests {
    private static let camera: ByteString = "mac:ac:cc:8e:01:02:03"
    private static let sensor: ByteString = "mac:a4:cf:12:0a:0b:0c"
    /// What each answer is to be seen by, whether on the wire or, for TLS 1.3, only by the one who asked.
    private static let signals = [
        "mdns.service", "ssdp.server", "ssdp.location", "upnp.device", "wsd.type", "wsd.scope", "onvif.device",
        "coap.resource", "ssh.server", "telnet.banner", "mqtt.broker", "snmp.description", "bacnet.device",
        "enip.identity", "modbus.identification", "rtsp.server", "rtsp.realm", "tls.subjectName", "http.server",
        "http.title",
    ]

    private static func knowledge() throws -> [(String, String)] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("agent-config/knowledge")
        let rules = try ["network.yaml", "vendors.yaml"].map { name in
            (name, try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
        }
        // So that each signal is evidence, and is shown.
        let shown = signals.map { signal in
            """
            - rule: shows-\(signal.lowercased().replacing(".", with: "-"))
              when: { \(signal): { glob: "*[a-z]*" } }
              says: { os: seen }
              weight: 0.1
              source: https://example.com/
              examples: ["x"]
              counterexamples: ["123"]

            """
        }
        return rules + [("shown.yaml", shown.joined())]
    }

    private static func policy(_ key: Ed25519SigningKey) throws -> [UInt8] {
        try RefusedPolicyTests.envelope(key) { bundle in
            var asked = Allowlist(name: "asked")
            asked.match.keys = [camera, sensor]
            var probes = ProbePolicy(kinds: .all)
            probes.everySeconds = 3600
            probes.exchangesPerHour = 60
            asked.probes = probes
            bundle.allowlists = [asked]
        }
    }

    private static func certificate(_ lab: Lab) throws -> [String] {
        let now = Int64(Date().timeIntervalSince1970)
        let authority = try CertificateAuthority.create(commonName: "Own", nowSeconds: now, lifetimeSeconds: 86_400)
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "axis-accc8e010203",
            dnsNames: ["device.invalid"],
            nowSeconds: now,
            lifetimeSeconds: 86_400
        )
        let files = ["device.pem", "device.key"].map { lab.directory.appendingPathComponent($0) }
        try Data(CertificateChain(leaf: leaf).pem().bytes).write(to: files[0])
        try Data(key.pem().bytes).write(to: files[1])
        return ["--certificate", files[0].path, "--key", files[1].path]
    }

    /// What a device is to be sent, by the agent's own table: `tcp 80 HEX`. Message identifiers are different each time.
    private static func declared() throws -> [String] {
        let address = try #require(IPAddress(ByteString(utf8: LabAddress.camera)))
        return ProbeStep.allCases.filter { $0 != .mqtt }.map { step in
            let port: UInt16 = step.port ?? (step == .upnpDescription ? 49_152 : 80)
            let path: ByteString
            switch step {
            case .upnpDescription: path = "/description.xml"
            case .onvifTime, .onvifInformation: path = "/onvif/device_service"
            default: path = "/"
            }
            let request = step.request(to: address, port: port, path: path, token: 0)
            let text = request.isEmpty ? "-" : Hexadecimal.encode(request).text
            return withoutIdentifier("\(step.transport == .udp ? "udp" : "tcp") \(port) \(text)")
        }
    }

    /// `urn:uuid:47486f75-7365-4000-8000-` is followed by twelve digits.
    private static func withoutIdentifier(_ line: String) -> String {
        let mark = Hexadecimal.encode("-4000-8000-".utf8.map { $0 }).text
        guard let range = line.firstRange(of: mark) else { return line }
        let end = line.index(range.upperBound, offsetBy: 24)
        return line.replacingCharacters(in: range.upperBound..<end, with: "")
    }

    private static func arrivals(_ device: LabProcess) -> [String] {
        device.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("udp ") || $0.hasPrefix("tcp ") }
    }

    /// What tcpdump, who knows nothing of the agent, sees from the gateway in a capture.
    private static func frames(_ lab: Lab, _ file: String, _ filter: String) throws -> [String] {
        let dropped = ChangeOfUser.isPermitted || getuid() != 0 ? [] : ["unshare", "--user"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            dropped + [
                "tcpdump", "-n", "-r", lab.directory.appendingPathComponent(file).path,
                "ether src \(try gatewayMAC(lab)) and ip and not port 67 and \(filter)",
            ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }

    private static func gatewayMAC(_ lab: Lab) throws -> String {
        try lab.gateway.run(["cat", "/sys/class/net/lan0/address"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func capture(_ lab: Lab, _ host: LabHost) throws -> LabProcess {
        let file = lab.directory.appendingPathComponent("\(host.name).pcap").path
        let capture = try host.start(Peer.command("capture.py", ["eth0", file]), label: "capture")
        try capture.wait(forOutput: "listening")
        return capture
    }

    private static func device(_ agent: LabAgent, _ key: ByteString) throws -> [String: Any] {
        let devices = try agent.status()?["devices"] as? [[String: Any]] ?? []
        return devices.first { $0["key"] as? String == key.text } ?? [:]
    }

    private static func asked(_ agent: LabAgent, _ key: ByteString) throws -> [String] {
        try agent.lab.gateway.run(agent.command("status")).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("asked       \(key.text) ") }
    }

    @Test func devicesAreAskedWhatIsDeclaredAndNoMore() throws {
        let lab = try Lab.start()
        defer { lab.close() }
        let key = try Ed25519SigningKey.generate()
        let agent = try LabAgent(lab, knowledge: try Self.knowledge())
        try agent.configure(
            host: LabAddress.central,
            policyKeys: [Hexadecimal.encode(key.publicKey).text],
            enforces: true,
            more: "probes: { confirm: [snmp-public, bacnet, ethernet-ip, modbus] }"
        )
        try FileManager.default.createDirectory(at: agent.state, withIntermediateDirectories: true)
        try Data(try Self.policy(key)).write(to: agent.state.appendingPathComponent("policy.cose"))

        for host in [lab.camera, lab.sensor, lab.recorder] { _ = try Self.capture(lab, host) }
        for host in [lab.camera, lab.sensor, lab.recorder] {
            _ = try lab.lease(host, hostname: "device", vendorClass: "udhcp 1.36.1")
        }
        let answering = try lab.camera.start(
            Peer.command("answers.py", [LabAddress.camera] + Self.certificate(lab)),
            label: "answers"
        )
        let resetting = try lab.sensor.start(
            Peer.command("answers.py", [LabAddress.sensor, "--reset"]),
            label: "reset"
        )
        try Data("user root\nallow_anonymous true\nlistener 1883 \(LabAddress.camera)\n".utf8)
            .write(to: lab.directory.appendingPathComponent("broker.conf"))
        let broker = try lab.camera.start(["mosquitto", "-c", lab.directory.appendingPathComponent("broker.conf").path])
        try answering.wait(forOutput: "answering")
        try resetting.wait(forOutput: "answering")
        try agent.start()
        try Lab.wait(within: 20, for: "the agent; \(agent.log)") { try agent.status() != nil }
        // A device that says nothing is not known; one that renews its lease is.
        for host in [lab.camera, lab.sensor, lab.recorder] {
            try host.shell("ping -c1 -W2 \(LabAddress.gateway) || true")
        }
        try Lab.wait(within: 10, for: "the camera") { try !Self.device(agent, Self.camera).isEmpty }
        let before = try Self.device(agent, Self.camera)
        #expect(before["model"] is NSNull && before["vendor"] is NSNull && before["firmware"] is NSNull)

        try Lab.wait(
            within: 180,
            for: "the last question; \(agent.log) \(answering.output)"
        ) { try Self.asked(agent, Self.camera).contains { $0.contains("probe.rtsp.describe ") } }

        // Exactly what is declared, once.
        #expect(Self.arrivals(answering).map(Self.withoutIdentifier).sorted() == (try Self.declared().sorted()))
        #expect(broker.isRunning)
        let records = try Self.asked(agent, Self.camera)
        #expect(records.count == ProbeStep.allCases.count, "\(records)")
        // The second search finds nobody, as the device is no tds:Device of its own accord.
        for record in records {
            let expected =
                record.contains("rtsp.describe")
                ? " refused" : record.contains("probe.onvif.device ") ? " silent" : " answered"
            #expect(record.hasSuffix(expected), "\(record)")
        }
        for step in ProbeStep.allCases where step.transport != .tls && step != .mqtt {
            let record = records.first { $0.contains(" probe.\(step.name.text) ") } ?? ""
            let sent = try Self.declared()[ProbeStep.allCases.filter { $0 != .mqtt }.firstIndex(of: step) ?? 0]
            let bytes = (sent.split(separator: " ").last.map { $0 == "-" ? 0 : $0.count } ?? 0) / 2
            let identifier = step == .onvifTransmitter || step == .onvifDevice ? 12 : 0
            #expect(record.contains(" sent \(bytes + identifier) "), "\(record)")
        }
        #expect(records.contains { $0.contains("upnp.description tcp/49152") && $0.contains("received 262144 ") })

        // The identity is another one now, and every answer was read.
        let after = try Self.device(agent, Self.camera)
        #expect(after["vendor"] as? String == "Axis" && after["model"] as? String == "M3045-V")
        #expect(after["firmware"] as? String == "9.80.1")
        let evidence = after["evidence"] as? [[String: Any]] ?? []
        let seen = Set(evidence.compactMap { $0["signal"] as? String })
        #expect(Set(Self.signals).subtracting(seen).isEmpty, "not read: \(Set(Self.signals).subtracting(seen))")
        #expect(evidence.contains { $0["value"] as? String == "axis-accc8e010203" }, "the certificate of TLS 1.3")
        #expect(evidence.contains { ($0["value"] as? String)?.hasPrefix("mosquitto version ") == true })

        // Who resets is not touched again; time passes for that while the camera was asked.
        #expect(Self.arrivals(resetting) == ["tcp 22 -"])
        #expect(try Self.asked(agent, Self.sensor).last?.hasSuffix(" reset") == true)
        #expect(try agent.counter("probes.leftAlone") == 2 && agent.counter("probes.refusedLocations") == 1)

        // What an outsider sees: these ports and no others; nothing at all at whoever is not opted in.
        // capture.py writes each frame as it comes; the last ones may be under way.
        usleep(500_000)
        let begins = "(udp or tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn)"
        let ports = try Self.frames(lab, "camera.pcap", begins).compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard let arrow = words.firstIndex(of: ">"), words.indices.contains(arrow + 1) else { return nil }
            return words[arrow + 1].split(separator: ".").last.map { String($0.dropLast()) }
        }
        #expect(
            Set(ports) == [
                "5353", "1900", "3702", "5683", "22", "23", "1883", "161", "47808", "44818", "502", "554", "443", "80",
                "49152",
            ]
        )
        #expect(ports.count == ProbeStep.allCases.count)
        let named = try Self.frames(lab, "camera.pcap", "(udp port 161 or udp port 5353)").joined(separator: "\n")
        #expect(named.contains("GetRequest(") && named.contains("1.3.6.1.2.1.1.1.0"), "\(named)")
        #expect(named.contains("PTR (QM)? _services._dns-sd._udp.local."), "\(named)")
        #expect(try Self.frames(lab, "sensor.pcap", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn").count == 1)
        #expect(try Self.frames(lab, "recorder.pcap", "not icmp") == [])
        #expect(try !Self.device(agent, "mac:00:11:32:01:02:03").isEmpty, "the recorder is known, and not asked")

        // After a restart nobody is asked anew.
        try agent.process?.stop()
        try agent.start()
        try Lab.wait(within: 20, for: "the agent; \(agent.log)") { try agent.status() != nil }
        let arrived = Self.arrivals(answering).count
        for host in [lab.camera, lab.sensor] { try host.shell("ping -c1 -W2 \(LabAddress.gateway) || true") }
        #expect(try Self.asked(agent, Self.camera).count == records.count)
        usleep(8_000_000)
        #expect(Self.arrivals(answering).count == arrived && Self.arrivals(resetting).count == 1)
        #expect(try agent.counter("probes.sent") == 0)
    }
}
