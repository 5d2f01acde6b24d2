import Fingerprinting
import NetworkTypes
import Testing

@Suite("Contradictions: another device under one hardware address")
struct ContradictionTests {
    private static func evidence(
        _ kind: SignalKind,
        _ weight: ConfidencePerMille,
        class deviceClass: DeviceClass? = nil,
        os: ByteString? = nil
    ) -> Evidence {
        Evidence(
            signal: Signal(kind, "x"),
            deviceClass: deviceClass,
            operatingSystem: os,
            weight: weight
        )
    }

    @Test(
        "A settled device with one stack is contradicted by another kind of device, and by a desktop's system",
        arguments: [
            (DeviceClass.ipCamera, evidence(.mdnsText, 900, class: .printer), true),
            (.ipCamera, evidence(.tlsJA4, 700, class: .laptop), true),
            (.ipCamera, evidence(.dhcpVendorClass, 600, os: "Windows"), true),
            (.printer, evidence(.tcpSYN, 700, os: "Windows 10"), true),
            (.printer, evidence(.mdnsText, 800, os: "iOS 17"), true),
            (.printer, evidence(.tcpSYN, 600, os: "macOS"), true),
            (.plc, evidence(.sshServer, 900, class: .ipCamera), true),
            (.smartPlug, evidence(.mdnsText, 900, class: .router), true),
            // More evidence, of a device built alike, or of an embedded system.
            (.ipCamera, evidence(.rtspServer, 900, class: .ipCamera), false),
            (.ipCamera, evidence(.rtspServer, 900, class: .videoRecorder), false),
            (.tv, evidence(.ssdpType, 900, class: .mediaPlayer), false),
            (.smartPlug, evidence(.mdnsText, 900, class: .lighting), false),
            (.ipCamera, evidence(.dhcpVendorClass, 900, os: "Linux"), false),
            // Doubt, a name that people give, whom it contacts, the maker of its address.
            (.ipCamera, evidence(.tlsJA4, 599, class: .laptop), false),
            (.ipCamera, evidence(.dhcpHostname, 900, class: .laptop), false),
            (.ipCamera, evidence(.dnsQuery, 900, class: .laptop), false),
            (.ipCamera, evidence(.macBlock, 900, class: .laptop), false),
            // What runs on such a system, or is many things at once.
            (.plc, evidence(.tcpSYN, 900, os: "Windows"), false),
            (.videoRecorder, evidence(.dhcpVendorClass, 900, os: "Windows"), false),
        ] as [(DeviceClass, Evidence, Bool)]
    )
    func table(_ deviceClass: DeviceClass, _ later: Evidence, _ isContradiction: Bool) {
        #expect(deviceClass.isContradicted(by: later, isSettledOnDesktop: false) == isContradiction)
    }

    /// A laptop with a virtual machine, a telephone that lends its connection, a home hub with containers, a router:
    /// under their addresses any stack may show.
    @Test(
        "Devices of many stacks are contradicted by nothing",
        arguments: [
            DeviceClass.laptop, .desktop, .server, .phone, .tablet, .nas, .hub, .router, .accessPoint, .switch,
            .mediaPlayer, .gameConsole, .pointOfSale, .medical, .wearable,
        ]
    )
    func dualUse(_ deviceClass: DeviceClass) {
        #expect(!deviceClass.hasOneStack)
        for other in DeviceClass.allCases {
            #expect(
                !deviceClass.isContradicted(by: Self.evidence(.mdnsText, 999, class: other), isSettledOnDesktop: false)
            )
        }
        #expect(!deviceClass.isContradicted(by: Self.evidence(.tcpSYN, 999, os: "Windows"), isSettledOnDesktop: false))
    }

    @Test("A device that was known to have such a system may have another one")
    func upgraded() {
        let later = Self.evidence(.dhcpVendorClass, 900, os: "Windows 11")
        #expect(DeviceClass.tv.isContradicted(by: later, isSettledOnDesktop: false))
        #expect(!DeviceClass.tv.isContradicted(by: later, isSettledOnDesktop: true))
        for (system, isDesktop) in [("Windows 10", true), ("iOS", true), ("Linux", false), ("IOS", false)] {
            let item = Self.evidence(.tcpSYN, 700, os: ByteString(utf8: system))
            #expect(Identity(weighing: [item]).hasDesktopSystem == isDesktop, "\(system)")
        }
        #expect(!Identity().hasDesktopSystem)
    }
}
