import AgentCore
import Fingerprinting
import Foundation
import KnowledgeBuilder
import NetworkTypes
import Policy
import Testing
import WireProtocol

/// What the agent makes of devices that are plugged into the gateway.
@Suite struct LocalDevicesTests {
    private static let now = AgentTime(wallMilliseconds: 1_700_000_000_000, monotonicMilliseconds: 1_000)
    /// Rules that make evidence of a HID and of a storage interface.
    private static let knowledge: Result<KnowledgeBase, any Error> = Result {
        func rule(_ name: String, _ prefix: String, _ example: String) -> String {
            """
            - rule: \(name)
              when: { usb.interface: { prefix: "\(prefix)" } }
              says: { class: hub }
              weight: 0.5
              source: https://example.com/
              examples: ["\(example)"]
              counterexamples: ["ff/00/00"]

            """
        }
        let rules = rule("input", "03/", "03/01/01") + rule("storage", "08/", "08/06/50")
        let bytes = try KnowledgeBuilder.build(texts: [("r.yaml", rules), ("vendors.yaml", "vendors: []\n")])
        return try KnowledgeBase(opening: ArrayByteStore(bytes))
    }

    /// A tree with the USB devices of one moment.
    private final class Tree: SysfsTree {
        var files: [String: String] = [:]

        func add(_ port: String, product: String = "c31c", serial: String = "", interfaces: [String] = ["03/01/01"]) {
            let path = "/sys/bus/usb/devices/\(port)"
            files["\(path)/idVendor"] = "046d\n"
            files["\(path)/idProduct"] = "\(product)\n"
            files["\(path)/serial"] = serial
            for (index, interface) in interfaces.enumerated() {
                let parts = interface.split(separator: "/").map(String.init)
                for (name, part) in zip(["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"], parts) {
                    files["\(path):1.\(index)/\(name)"] = part
                }
            }
        }

        func entries(of directory: ByteString) -> [ByteString] {
            let prefix = directory.text + "/"
            let names = files.keys.filter { $0.hasPrefix(prefix) }.compactMap {
                $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
            }
            return Set(names).map { ByteString(utf8: $0) }
        }

        func contents(of file: ByteString) -> ByteString? { files[file.text].map { ByteString(utf8: $0) } }
        func resolve(_ path: ByteString) -> ByteString? { path }
        func videoCapabilities(of node: ByteString) -> [UInt8]? { nil }
    }

    private static func devices(_ fill: (Tree) -> Void) -> [LocalDevice] {
        let tree = Tree()
        fill(tree)
        return LocalBusScan(tree).devices
    }

    private static func agent(
        mode: Allowlist.Mode = .enforce,
        enforcing: Bool = true,
        _ change: (inout USBPolicy) -> Void = { _ in }
    ) throws -> Agent {
        var settings = AgentSettings()
        settings.isEnforcing = enforcing
        var agent = Agent(settings: settings, knowledge: try knowledge.get())
        var bundle = PolicyBundle()
        bundle.baseline.unknown.mode = mode
        change(&bundle.baseline.usb)
        _ = agent.adopt(bundle)
        return agent
    }

    /// `severity: device summary`, and `deauthorise port`.
    private static func told(_ actions: [AgentAction]) -> [String] {
        actions.map { action in
            switch action {
            case .report(let severity, .incident(let incident)):
                return "\(severity): \(incident.kind) \(incident.device) \(incident.summary)"
            case .deauthorise(let key, let port): return "deauthorise \(key) \(port)"
            default: return "\(action)"
            }
        }
    }

    private static let added =
        "local-device usb:046d:c31c:@1-1 a new device declares input at USB port 1-1"

    @Test func whatIsThereAtTheStartIsTheInventory() throws {
        var agent = try Self.agent { $0.deauthorisesInput = true }
        let first = Self.devices { $0.add("1-1") }
        #expect(agent.take(first, now: Self.now) == [])
        #expect(agent.take(first, now: Self.now) == [])
        // Pulled out and back again at its port: known. At another port it is another device, without a serial number.
        #expect(agent.take([], now: Self.now) == [])
        #expect(agent.take(first, now: Self.now) == [])
        let other = Self.told(agent.take(Self.devices { $0.add("1-2") }, now: Self.now))
        #expect(other.last == "deauthorise usb:046d:c31c:@1-2 1-2", "\(other)")
    }

    @Test func withoutAWordOfThePolicyItIsToldOnce() throws {
        var agent = try Self.agent()
        #expect(agent.take([], now: Self.now) == [])
        let devices = Self.devices { $0.add("1-1") }
        #expect(Self.told(agent.take(devices, now: Self.now)) == ["warning: \(Self.added)"])
        #expect(agent.take(devices, now: Self.now) == [])
        // What neither types nor brings files is no event.
        #expect(agent.take(Self.devices { $0.add("1-3", interfaces: ["0e/01/00"]) }, now: Self.now) == [])
    }

    @Test func aKnownStickThatBeginsToTypeIsToldAndJudged() throws {
        var agent = try Self.agent { $0.deauthorisesInput = true }
        let stick = Self.devices { $0.add("1-1", serial: "A", interfaces: ["08/06/50"]) }
        #expect(agent.take(stick, now: Self.now) == [])
        let changed = Self.devices { $0.add("1-1", serial: "A", interfaces: ["08/06/50", "03/01/01"]) }
        #expect(
            Self.told(agent.take(changed, now: Self.now)) == [
                "critical: local-device usb:046d:c31c:A@1-1 a known device now declares input at USB port 1-1",
                "deauthorise usb:046d:c31c:A@1-1 1-1",
            ]
        )
    }

    @Test func enforcedOnceUntilItIsPulledOut() throws {
        var agent = try Self.agent { $0.deauthorisesInput = true }
        #expect(agent.take([], now: Self.now) == [])
        let devices = Self.devices { $0.add("1-1") }
        let key = devices[0].key
        let judged = ["critical: \(Self.added)", "deauthorise usb:046d:c31c:@1-1 1-1"]
        #expect(Self.told(agent.take(devices, now: Self.now)) == judged)
        #expect(
            Self.told(agent.deauthorised(key, port: "1-1", problem: "")) == [
                "critical: local-device usb:046d:c31c:@1-1 USB port 1-1 is de-authorised: authorized reads 0"
            ]
        )
        #expect(agent.registry[key]?.isDeauthorised == true)
        let blocked = Self.devices {
            $0.add("1-1")
            $0.files["/sys/bus/usb/devices/1-1/authorized"] = "0\n"
        }
        #expect(agent.take(blocked, now: Self.now) == [])
        // Whoever authorises it by hand now does it on purpose.
        #expect(agent.take(devices, now: Self.now) == [])
        #expect(agent.take([], now: Self.now) == [])
        #expect(Self.told(agent.take(devices, now: Self.now)) == judged)
    }

    @Test func aFailureIsToldAndNotRepeated() throws {
        var agent = try Self.agent { $0.deauthorisesInput = true }
        #expect(agent.take([], now: Self.now) == [])
        let devices = Self.devices { $0.add("1-1") }
        #expect(agent.take(devices, now: Self.now).count == 2)
        let told = Self.told(agent.deauthorised(devices[0].key, port: "1-1", problem: "permission denied"))
        #expect(told.first?.hasSuffix("USB port 1-1 could not be de-authorised: permission denied") == true, "\(told)")
        #expect(agent.registry[devices[0].key]?.isDeauthorised == false)
        #expect(agent.take(devices, now: Self.now) == [])
    }

    @Test(arguments: [(Allowlist.Mode.monitor, true), (.enforce, false)])
    func inMonitorModeItWouldBe(mode: Allowlist.Mode, isEnforcing: Bool) throws {
        var agent = try Self.agent(mode: mode, enforcing: isEnforcing) { $0.deauthorisesInput = true }
        #expect(agent.take([], now: Self.now) == [])
        let told = Self.told(agent.take(Self.devices { $0.add("1-1") }, now: Self.now))
        #expect(told == ["warning: \(Self.added); it would be de-authorised in enforce mode"])
    }

    @Test func whatThePolicyNamesStays() throws {
        var agent = try Self.agent {
            $0.deauthorisesInput = true
            $0.allowed = ["046d:c31c"]
        }
        #expect(agent.take([], now: Self.now) == [])
        #expect(Self.told(agent.take(Self.devices { $0.add("1-1") }, now: Self.now)) == ["warning: \(Self.added)"])
        let other = Self.told(agent.take(Self.devices { $0.add("1-2", product: "c52b") }, now: Self.now))
        #expect(other.last == "deauthorise usb:046d:c52b:@1-2 1-2", "\(other)")
    }

    @Test func aRestartForgetsNeitherTheKnownNorTheRefused() throws {
        var before = try Self.agent { $0.deauthorisesInput = true }
        #expect(before.take(Self.devices { $0.add("1-1") }, now: Self.now) == [])
        let both = Self.devices {
            $0.add("1-1")
            $0.add("1-2")
        }
        #expect(before.take(both, now: Self.now).count == 2)
        _ = before.deauthorised(both[1].key, port: "1-2", problem: "")
        var after = try Self.agent { $0.deauthorisesInput = true }
        for device in before.registry.devices.values { after.remember(DeviceReport(device), now: Self.now) }
        // The known one is away at start-up and comes later; the refused one is there at start-up, authorised anew.
        let refused = Self.devices { $0.add("1-2") }
        let told = Self.told(after.take(refused, now: Self.now))
        #expect(told.last == "deauthorise usb:046d:c31c:@1-2 1-2", "\(told)")
        #expect(after.take(both, now: Self.now) == [])
    }

    @Test func aFullRegistryLetsNobodyIn() throws {
        var agent = try Self.agent { $0.deauthorisesInput = true }
        #expect(agent.take([], now: Self.now) == [])
        for index in 0..<DeviceRegistry.maximumDevices {
            let address = MACAddress(
                ByteString(utf8: String(format: "02:00:00:00:%02x:%02x", index / 256, index % 256))
            )
            let sighting = Sighting(device: try #require(address), address: nil, signals: [])
            _ = agent.take(sighting, interface: "br0", now: Self.now)
        }
        let late = AgentTime(
            wallMilliseconds: Self.now.wallMilliseconds + 2 * DeviceRegistry.establishedAfterMilliseconds,
            monotonicMilliseconds: 200_000
        )
        let told = Self.told(agent.take(Self.devices { $0.add("1-1") }, now: late))
        #expect(agent.registry.turnedAwayCount == 1)
        #expect(told == ["critical: \(Self.added)", "deauthorise usb:046d:c31c:@1-1 1-1"])
    }

    @Test func whatADeviceSaysLaterIsTakenToo() throws {
        var agent = try Self.agent()
        #expect(agent.take(Self.devices { $0.add("1-1", interfaces: []) }, now: Self.now) == [])
        let devices = Self.devices { $0.add("1-1", interfaces: ["08/06/50"]) }
        _ = agent.take(devices, now: Self.now)
        let evidence = agent.registry[devices[0].key]?.tracker.identity.evidence ?? []
        #expect(evidence.contains { $0.signal == Signal(.usbInterface, "08/06/50") })
    }
}
