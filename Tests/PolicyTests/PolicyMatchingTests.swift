import NetworkTypes
import Policy
import Samples
import Testing

@Suite struct PolicyMatchingTests {
    static var camera: DeviceFacts {
        var camera = DeviceFacts(key: "mac:ac:cc:8e:01:02:03")
        camera.deviceClass = .ipCamera
        camera.vendor = "Axis"
        camera.model = "M3045-V"
        camera.classConfidence = 900
        camera.vendorConfidence = 900
        camera.modelConfidence = 900
        camera.site = "warehouse-7"
        return camera
    }

    @Test func allListsMustFit() {
        let match = PolicySamples.cameras.match
        func tag(_ name: ByteString) -> [DeviceTag] {
            [DeviceTag(name: name, devices: ["mac:ac:cc:8e:01:02:03", "mac:ac:cc:8e:01:02:04"])]
        }
        #expect(match.matches(Self.camera, tags: tag("outdoor")))
        #expect(!match.matches(Self.camera, tags: []) && !match.matches(Self.camera, tags: tag("hall")))
        let changes: [(inout DeviceFacts) -> Void] = [
            { $0.key = "mac:ac:cc:8e:01:02:04" }, { $0.deviceClass = .sensor }, { $0.vendor = "Axi" },
            { $0.vendor = "" },
            { $0.model = "P3045" }, { $0.site = "office" }, { $0.classConfidence = 649 }, { $0.vendorConfidence = 649 },
            { $0.modelConfidence = 649 },
        ]
        for (index, change) in changes.enumerated() {
            var device = Self.camera
            change(&device)
            #expect(!match.matches(device, tags: tag("outdoor")), "change \(index)")
        }
    }

    @Test func unknownDevicesMayBeMatchedByClass() {
        var match = DeviceMatch()
        match.classes = [.unknown]
        #expect(match.matches(DeviceFacts(key: "mac:00:00:00:00:00:01"), tags: []))
        #expect(!match.matches(Self.camera, tags: []))
    }

    @Test func aTagHoldsDevicesByTheirKeyAlone() {
        var bundle = PolicyBundle()
        bundle.tags = [
            DeviceTag(name: "lobby", devices: ["mac:ac:cc:8e:01:02:03", "usb:1"]),
            DeviceTag(name: "outdoor", devices: ["mac:ac:cc:8e:01:02:04", "usb:1"]),
        ]
        var outdoor = Allowlist(name: "outdoor")
        outdoor.match.tags = ["outdoor"]
        var either = Allowlist(name: "either")
        either.match.tags = ["lobby", "outdoor"]
        either.match.classes = [.ipCamera]
        bundle.allowlists = [outdoor, either]
        #expect(bundle.tags(of: "usb:1") == ["lobby", "outdoor"])
        #expect(bundle.tags(of: "mac:ac:cc:8e:01:02:05").isEmpty)
        #expect(bundle.allowlist(for: Self.camera).name == "either", "in the lobby, and a camera")
        // Whatever a device says of itself, no signal gives it a tag.
        var other = DeviceFacts(key: "mac:ac:cc:8e:01:02:04")
        #expect(bundle.allowlist(for: other).name == "outdoor")
        other.key = "mac:ac:cc:8e:01:02:05"
        #expect(bundle.allowlist(for: other).name == "unknown")
        #expect(bundle.allowlist(for: DeviceFacts(key: "mac:ac:cc:8e:01:02:03")).name == "unknown", "no camera")
        // By halves, in lists of every length.
        for count in 0..<20 {
            let keys = (0..<count).map { ByteString(utf8: "usb:\(10 + 2 * $0)") }
            let tag = DeviceTag(name: "t", devices: keys)
            for number in 9..<60 {
                let key = ByteString(utf8: "usb:\(number)")
                #expect(tag.holds(key) == keys.contains(key))
            }
        }
        bundle.tags[1].devices.removeAll()
        #expect(bundle.allowlist(for: DeviceFacts(key: "usb:1")).name == "unknown")
    }

    @Test func firstMatchElseUnknown() {
        var bundle = PolicySamples.bundle
        #expect(bundle.allowlist(for: Self.camera).name == "cameras")
        #expect(bundle.allowlist(for: DeviceFacts(key: "usb:1")).name == "second")
        bundle.allowlists.removeLast()
        #expect(bundle.allowlist(for: DeviceFacts(key: "usb:1")).name == "unknown")
    }

    @Test(arguments: [
        ("10.20.0.5", UInt16(554), TransportProtocol.tcp, "allowed"), ("10.20.0.5", 554, .udp, "not-allowed"),
        ("10.20.0.5", 5005, .udp, "allowed"), ("10.20.0.5", 5011, .udp, "not-allowed"),
        ("10.20.0.5", 8, .icmp, "allowed"),
        ("10.20.0.6", 554, .tcp, "not-allowed"), ("2001:db8::1", 9, .tcp, "allowed"),
        ("2001:db8::1", 128, .icmpv6, "allowed"), ("2001:db8::1", 0, .gre, "not-allowed"),
        ("2001:db8:bad::1", 9, .tcp, "blocked"), ("203.0.113.9", 443, .tcp, "blocked"),
    ])
    func permissions(address: String, port: UInt16, transport: TransportProtocol, expected: String) throws {
        let address = try #require(IPAddress(ByteString(utf8: address)))
        let bundle = PolicySamples.bundle
        let permission = bundle.permission(of: bundle.allowlists[0], to: address, port: port, transport: transport)
        #expect(permission.name.text == expected)
    }

    @Test func names() throws {
        var cameras = PolicySamples.cameras
        let below = try #require(DomainName("a.b.axis.com"))
        let itself = try #require(DomainName("axis.com"))
        #expect(cameras.permits(name: below))
        #expect(!cameras.permits(name: itself))
        #expect(cameras.answers(name: itself))
        cameras.dns.answersOnlyAllowed = true
        #expect(!cameras.answers(name: itself))
        #expect(cameras.permission(toName: below, port: 443, transport: .tcp) == .allowed(rule: 0))
        #expect(cameras.permission(toName: below, port: 80, transport: .tcp) == .notAllowed)
        #expect(cameras.permissionToGateway(port: 123, transport: .udp) == .allowed(rule: 3))
        #expect(cameras.permissionToGateway(port: 22, transport: .tcp) == .notAllowed)
    }

    @Test func aNameWithoutWildcardIsItselfAlone() throws {
        let exact = try #require(NamePattern("axis.com"))
        for (text, isMeant) in [
            ("axis.com", true), ("AXIS.com", true), ("a.axis.com", false), ("com", false), ("notaxis.com", false),
        ] as [(ByteString, Bool)] {
            #expect(exact.matches(try #require(DomainName(text))) == isMeant, "\(text)")
        }
    }

    @Test(arguments: ["*", "*.", "a.*.com", "**.com", "", "a..b", "foo*.com"])
    func notAPattern(text: String) { #expect(NamePattern(ByteString(utf8: text)) == nil) }
}
