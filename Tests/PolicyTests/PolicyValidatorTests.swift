import NetworkTypes
import Policy
import Samples
import Testing

@Suite struct PolicyValidatorTests {
    struct Case: Sendable {
        let expected: String
        let change: @Sendable (inout PolicyBundle) -> Void

        init(_ expected: String, _ change: @escaping @Sendable (inout PolicyBundle) -> Void) {
            self.expected = expected
            self.change = change
        }
    }

    @Test func aGoodBundleHasNoErrors() {
        #expect(PolicyValidator.validate(PolicySamples.bundle).filter { $0.severity == .error } == [])
    }

    private static let unfit =
        "is nothing a gateway can connect to; name the address of one host, and none of fe80::/10, which is different on every link"

    static let errors: [Case] = [
        Case("the generation is 0; count from 1") { $0.generation = 0 },
        Case("it expires before it is issued; give it a longer validFor") { $0.notAfterSeconds = 1 },
        Case("its rollback grant names a generation below its own; name the highest generation it may replace") {
            $0.rollbackFrom = 6
        },
        Case("site \"a*b\" in the target; a * may stand at the end only") { $0.target.sites = ["a*b"] },
        Case("allowlist Cameras: not a valid name; use 1 to 64 of a-z 0-9 - _ .") { $0.allowlists[0].name = "Cameras" },
        Case("allowlist : not a valid name; use 1 to 64 of a-z 0-9 - _ .") { $0.allowlists[0].name = "" },
        Case("allowlist unknown: the name is kept for the baseline; choose another") {
            $0.allowlists[0].name = "unknown"
        },
        Case("allowlist cameras: the name stands twice; give each its own") { $0.allowlists[1].name = "cameras" },
        Case("allowlist x: the baseline's is not named unknown; rename it") { $0.baseline.unknown.name = "x" },
        Case("allowlist unknown: it has a match, but holds what nothing else matches; remove match") {
            $0.baseline.unknown.match.vendors = ["axis"]
        },
        Case("allowlist cameras: vendor \"ax*\" in match; write the whole name, without *") {
            $0.allowlists[0].match.vendors = ["ax*"]
        },
        Case("allowlist cameras: \"*x\" in match; a * may stand at the end only") {
            $0.allowlists[0].match.models = ["*x"]
        },
        Case("allowlist cameras: \"MAC:1\" is no device key; write mac:aa:bb:cc:dd:ee:ff, usb:… or bus:… in lower case")
        {
            $0.allowlists[0].match.keys = ["MAC:1"]
        },
        Case(
            "allowlist cameras: no document of kind Tags defines the tag \"hall\" in match; define it, or correct its name"
        ) {
            $0.allowlists[0].match.tags = ["lobby", "hall"]
        },
        Case("tag \"Hall\" is not a valid name; use 1 to 64 of a-z 0-9 - _ .") {
            $0.tags.append(DeviceTag(name: "Hall", devices: []))
        },
        Case("the tag lobby stands twice; put its devices together") {
            $0.tags.append(DeviceTag(name: "lobby", devices: []))
        },
        Case("257 tags; at most 256") {
            $0.tags += (0..<255).map { DeviceTag(name: ByteString(utf8: "t\($0)"), devices: []) }
        },
        Case("4097 devices of the tag outdoor; at most 4096") {
            $0.tags[1].devices = (10_000...14_096).map { ByteString(utf8: "usb:\($0)") }
        },
        Case("the devices of the tag lobby are not in order, each once; sort them") { $0.tags[0].devices.reverse() },
        Case(
            "\"mac:AC\" of the tag lobby is no device key; write mac:aa:bb:cc:dd:ee:ff, usb:… or bus:… in lower case"
        ) {
            $0.tags[0].devices = ["mac:AC"]
        },
        Case("allowlist cameras, rule 1: port 0; ports are 1 to 65535; leave ports out for all") {
            $0.allowlists[0].allow[0].ports = [PortRange(transport: .tcp, first: 0, last: 5)]
        },
        Case("allowlist cameras, rule 2: ports end before they begin; write the lower one first") {
            $0.allowlists[0].allow[1].ports = [PortRange(transport: .udp, first: 9, last: 5)]
        },
        Case("allowlist cameras, rule 1: a protocol other than tcp, udp and icmp; use one of them") {
            $0.allowlists[0].allow[0].ports = [PortRange(transport: .gre, first: 1, last: 5)]
        },
        Case("allowlist cameras, rule 1: icmp with a type; write icmp, which is all types") {
            $0.allowlists[0].allow[0].ports = [PortRange(transport: .icmp, first: 8, last: 8)]
        },
        Case("allowlist cameras, rule 1: 65 port ranges; at most 64") {
            let range = PortRange(transport: .tcp, first: 1, last: 1)
            $0.allowlists[0].allow[0].ports = [PortRange](repeating: range, count: 65)
        },
        Case("257 allowlists; at most 256") {
            $0.allowlists = (0..<257).map { Allowlist(name: ByteString(utf8: "a\($0)")) }
        },
        Case(
            "allowlist cameras: onViolation has a 0, or a time above a year; write quarantineAfter, within and for, each 1 or more"
        ) {
            $0.allowlists[0].onViolation?.withinSeconds = 0
        },
        Case("mustReach 192.0.2.1 has port 0; name a TCP port") { $0.baseline.mustReach[0].port = 0 },
        Case("mustReach 0.0.0.0 \(unfit)") { $0.baseline.mustReach[0].address = IPAddress(v4: 0) },
        Case("mustReach 224.0.0.1 \(unfit)") { $0.baseline.mustReach[0].address = IPAddress(v4: 0xE000_0001) },
        Case("mustReach 255.255.255.255 \(unfit)") { $0.baseline.mustReach[0].address = IPAddress(v4: UInt32.max) },
        Case("mustReach fe80::1 \(unfit)") {
            $0.baseline.mustReach[0].address = IPAddress(v6High: 0xFE80_0000_0000_0000, low: 1)
        },
        Case("mustReach ff02::1 \(unfit)") {
            $0.baseline.mustReach[0].address = IPAddress(v6High: 0xFF02_0000_0000_0000, low: 1)
        },
        Case(
            "block 198.18.7.0/24 would cut the gateway off from 198.18.7.1 (a mustReach probe); leave these addresses out of block"
        ) {
            $0.baseline.mustReach.append(ReachProbe(address: IPAddress(v4: 0xC612_0701), port: 443))
            $0.baseline.blockedPrefixes.append(PolicySamples.prefix("198.18.7.0/24"))
        },
        Case("usb allow \"046D:c31c\"; write vendor:product or vendor:product:serial, like 046d:c31c") {
            $0.baseline.usb.allowed[0] = "046D:c31c"
        },
        Case("usb allow \"046d:c31c:\"; write vendor:product or vendor:product:serial, like 046d:c31c") {
            $0.baseline.usb.allowed[0] = "046d:c31c:"
        },
        Case("usb allow \"046d\"; write vendor:product or vendor:product:serial, like 046d:c31c") {
            $0.baseline.usb.allowed[0] = "046d"
        },
        Case("1025 USB devices; at most 1024") {
            $0.baseline.usb.allowed = [ByteString](repeating: "046d:c31c", count: 1025)
        },
        Case("33 mustReach probes; at most 32") {
            $0.baseline.mustReach = [ReachProbe](repeating: $0.baseline.mustReach[0], count: 33)
        },
        Case(
            "block 192.0.2.0/24 would cut the gateway off from 192.0.2.0/28 (protected by this policy); leave these addresses out of block"
        ) {
            $0.baseline.blockedPrefixes.append(PolicySamples.prefix("192.0.2.0/24"))
        },
        Case("block 0.0.0.0/0 would cut the gateway off from everything; block what is meant, prefix by prefix") {
            $0.baseline.blockedPrefixes.append(PolicySamples.prefix("0.0.0.0/0"))
        },
    ]

    @Test(arguments: errors.indices)
    func isAnError(index: Int) {
        var bundle = PolicySamples.bundle
        Self.errors[index].change(&bundle)
        let problems = PolicyValidator.validate(bundle).filter { $0.severity == .error }
        #expect(problems.first?.description == Self.errors[index].expected)
    }

    static let warnings: [Case] = [
        Case("allowlist cameras, rule 1: *.com allows all of a top-level domain; name the vendor's own domain") {
            $0.allowlists[0].allow[0].to = PolicySamples.name("*.com")
        },
        Case("allowlist cameras, rule 3: 0.0.0.0/0 allows every address; name what the device needs") {
            $0.allowlists[0].allow[2].to = .prefix(PolicySamples.prefix("0.0.0.0/0"))
        },
        Case("allowlist cameras, rule 3: it has no effect, for the baseline blocks 203.0.113.0/24; remove one of them")
        {
            $0.allowlists[0].allow[2].to = .prefix(PolicySamples.prefix("203.0.113.9"))
        },
        Case(
            "allowlist third: it holds no device, for second stands before it and matches the same; put it first, or remove it"
        ) {
            $0.allowlists.append(Allowlist(name: "third"))
        },
        Case("block 128.0.0.0/6 is a large part of the internet; check the length of the prefix") {
            $0.baseline.blockedPrefixes.append(PolicySamples.prefix("128.0.0.0/6"))
        },
    ]

    @Test(arguments: warnings.indices)
    func isAWarning(index: Int) {
        var bundle = PolicySamples.bundle
        Self.warnings[index].change(&bundle)
        let problems = PolicyValidator.validate(bundle)
        #expect(problems.filter { $0.severity == .error } == [])
        #expect(problems.map(\.description).contains(Self.warnings[index].expected), "\(problems)")
    }

    @Test func probesAreHeldToTheirBounds() {
        func problems(_ change: (inout Allowlist) -> Void) -> [PolicyProblem] {
            var bundle = PolicySamples.bundle
            var allowlist = Allowlist(name: "asked")
            allowlist.match.vendors = ["axis"]
            allowlist.probes = ProbePolicy(kinds: ProbeSet(rawValue: 1))
            change(&allowlist)
            bundle.allowlists = [allowlist]
            return PolicyValidator.validate(bundle).filter { $0.allowlist == "asked" }
        }
        #expect(problems { _ in } == [])
        let changes: [(inout Allowlist) -> Void] = [
            { $0.probes?.kinds = ProbeSet() }, { $0.probes?.everySeconds = 3599 }, { $0.probes?.everySeconds = .max },
            { $0.probes?.exchangesPerHour = 0 }, { $0.probes?.exchangesPerHour = 61 },
            { $0.probes?.bytesPerDay = 4095 }, { $0.probes?.bytesPerDay = .max },
        ]
        for change in changes { #expect(problems(change).map { $0.severity } == [.error]) }
        let never = problems { $0.match.classes = [.plc, .medical] }
        #expect(never.map { $0.severity } == [.warning])
        #expect(problems { $0.match.classes = [.plc, .ipCamera] } == [])
    }
}
