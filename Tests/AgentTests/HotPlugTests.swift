import Foundation
import Glibc
import KnowledgeBuilder
import NetworkTypes
import Policy
import TLS
import TestSupport
import Testing

/// The whole agent in a network namespace, with a tree of files as its sysfs. A network interface made there is what the
/// kernel tells it; that makes it look at the tree, where a keyboard has appeared.
@Suite(.ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct HotPlugTests {
    private static let key = "usb:1209:0001:7@1-1.2"

    /// Writes configuration, knowledge and a signed policy; gives the configuration's path.
    private static func prepare(_ directory: URL, mode: Allowlist.Mode) throws -> URL {
        let state = directory.appending(path: "state")
        let devices = directory.appending(path: "root/sys/bus/usb/devices")
        // A controller that cannot be listened to: Bluetooth is of the first network namespace alone.
        let controller = directory.appending(path: "root/sys/class/bluetooth/hci0")
        for folder in [state, devices, controller] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        let rule = """
            - rule: keyboard
              when: { usb.interface: "03/01/01" }
              says: { class: input-device }
              weight: 0.9
              source: https://www.usb.org/defined-class-codes
              examples: ["03/01/01"]
              counterexamples: ["03/00/00"]
            """
        let knowledge = directory.appending(path: "knowledge")
        try Data(KnowledgeBuilder.build(texts: [("r.yaml", rule), ("vendors.yaml", "vendors: []\n")])).write(
            to: knowledge
        )
        let key = try SignedPolicy.write(into: state) {
            $0.baseline.unknown.mode = mode
            $0.baseline.usb.deauthorisesInput = true
        }
        let configuration = directory.appending(path: "agent.yaml")
        try configuration.write(
            """
            collector: { host: 192.0.2.1 }
            interfaces: { devices: [lo], uplink: eth0 }
            stateDirectory: \(state.path)
            knowledge: \(knowledge.path)
            sysroot: \(directory.path)/root
            dns: { upstreams: [192.0.2.53] }
            trustedPolicyKeys: ["\(key)"]

            """
        )
        return configuration
    }

    private static func plugIn(_ directory: URL) throws -> URL {
        let devices = directory.appending(path: "root/sys/bus/usb/devices")
        for (folder, attributes) in [
            ("1-1.2", ["idVendor": "1209\n", "idProduct": "0001\n", "serial": "7\n", "authorized": "1\n"]),
            ("1-1.2:1.0", ["bInterfaceClass": "03\n", "bInterfaceSubClass": "01\n", "bInterfaceProtocol": "01\n"]),
        ] {
            let place = devices.appending(path: folder)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (name, value) in attributes { try place.appending(path: name).write(value) }
        }
        return devices.appending(path: "1-1.2/authorized")
    }

    @Test(arguments: [Allowlist.Mode.enforce, .monitor])
    func aKeyboardThatIsPluggedInIsSeenAndJudged(mode: Allowlist.Mode) async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = try Self.prepare(directory, mode: mode)
            let program = Programs.path("gatehouse-agent")
            func status(_ options: [String] = []) async throws -> Programs.Outcome {
                let arguments = ["status", "--config", configuration.path] + options
                return try await Programs.run(program, arguments, in: directory)
            }
            let agent = try RunningProgram(
                "unshare",
                ["--net", "sh", "-c", "ip link set lo up && exec '\(program)' run --config '\(configuration.path)'"],
                in: directory
            )
            defer { agent.send(SIGKILL) }
            func wait(_ what: String, until isDone: () async throws -> Bool) async throws {
                // Far below the minute after which the agent looks without being told.
                let deadline = ContinuousClock.now + .seconds(20)
                while try await !isDone() {
                    try #require(ContinuousClock.now < deadline && agent.status == nil, "\(what); \(agent.errors)")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await wait("the agent runs") { try await status().status == 0 }
            #expect(try await status().output.contains(Self.key) == false)

            let authorised = try Self.plugIn(directory)
            let begin = ContinuousClock.now
            let made = try await Programs.run(
                "nsenter",
                ["--net", "--target", "\(agent.pid)", "ip", "link", "add", "hot0", "type", "ifb"],
                in: directory
            )
            try #require(made.status == 0, "\(made)")
            if mode == .enforce {
                try await wait("the keyboard is de-authorised") { try authorised.text().hasPrefix("0") }
            } else {
                try await wait("the keyboard is seen") { try await status().output.contains(Self.key) }
            }
            print("HotPlugTests: \(mode) after \(ContinuousClock.now - begin)")
            let text = try await status().output
            let line = text.split(separator: "\n").first { $0.contains(Self.key) }
            #expect(line?.contains("input-device") == true, "\(text)")
            #expect(line?.contains("de-authorised") == (mode == .enforce), "\(text)")
            let json = try await status(["--json"]).output
            #expect(json.contains("\"deauthorised\":[\(mode == .enforce ? "\"\(Self.key)\"" : "")]"), "\(json)")
            if mode == .monitor { #expect(try authorised.text() == "1\n") }
            #expect(
                agent.errors.components(separatedBy: "Bluetooth is not listened to: ").count == 2,
                "\(agent.errors)"
            )
            agent.send(SIGTERM)
            #expect(try await agent.wait() == 0)
        }
    }
}
