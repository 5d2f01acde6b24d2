import ConfigurationFiles
import NetworkTypes
import Policy
import Testing

@Suite struct PolicyDocumentsTests {
    static let text = """
        apiVersion: gatehouse/v1
        kind: Baseline
        target: { gateways: [gw-1], sites: [warehouse-*] }
        validFor: 30d
        unknown:
          mode: monitor
          allow:
            - { to: pool.ntp.org, ports: ntp }
        block: [203.0.113.0/24]
        protect: [192.0.2.0/28]
        mustReach: ["192.0.2.1:443", "[2001:db8::1]:853"]
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: cameras
        match: { class: ip-camera, vendor: [Axis, hikvision], site: warehouse-*, minimumConfidence: 0.7 }
        mode: enforce
        allow:
          - { to: "*.axis.com", ports: [443/tcp] }
          - { to: 10.20.0.5, ports: [554/tcp, 5000-5010/udp] }
          - { to: gateway, ports: [ntp, icmp] }
          - { to: 2001:db8::/32 }
        limits: { newConnectionsPerSecond: 20, packetsPerSecond: 2000, concurrentConnections: 200 }
        dns: { answerOnly: allowed }
        onViolation: { quarantineAfter: 50, within: 60s, for: 1h }
        probes: { run: [onvif, rtsp], every: 12h, exchangesPerHour: 10, bytesPerDay: 64KiB }
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: one
        match: { device: [MAC:x] }
        """

    static func read(_ text: String) throws(ConfigurationError) -> PolicyDocuments {
        var documents = PolicyDocuments()
        try documents.add(Array(text.utf8), file: "p.yaml")
        return documents
    }

    @Test func readsTheDesignsExample() throws {
        let good = Self.text.replacing("MAC:x", with: "\"mac:AC:cc:8e:01:02:03\"")
        let bundle = try Self.read(good).bundle(generation: 7, issuedAtSeconds: 1_700_000_000)
        #expect(bundle.generation == 7)
        #expect(bundle.notAfterSeconds == 1_700_000_000 + 30 * 86_400)
        #expect(bundle.target.gateways == ["gw-1"] && bundle.target.sites == ["warehouse-*"])
        #expect(bundle.baseline.unknown.mode == .monitor)
        #expect(bundle.baseline.unknown.allow[0].ports == [PortRange(transport: .udp, first: 123, last: 123)])
        #expect(bundle.baseline.blockedPrefixes.map { $0.description } == ["203.0.113.0/24"])
        #expect(bundle.baseline.mustReach.map { $0.port } == [443, 853])
        let cameras = bundle.allowlists[0]
        #expect(cameras.match.classes == [.ipCamera] && cameras.match.vendors == ["axis", "hikvision"])
        #expect(cameras.match.minimumConfidence == 700 && cameras.mode == .enforce)
        #expect(cameras.allow[0].to == NamePattern("*.axis.com").map { .name($0) })
        #expect(cameras.allow[1].ports[1] == PortRange(transport: .udp, first: 5000, last: 5010))
        #expect(cameras.allow[2].to == .gateway && cameras.allow[2].ports.count == 2)
        #expect(cameras.allow[3].to == IPPrefix("2001:db8::/32").map { .prefix($0) } && cameras.allow[3].ports.isEmpty)
        #expect(cameras.onViolation == ViolationResponse(quarantineAfter: 50, withinSeconds: 60, forSeconds: 3600))
        #expect(cameras.probes?.kinds.names == ["onvif", "rtsp"] && cameras.probes?.everySeconds == 43_200)
        #expect(cameras.probes?.exchangesPerHour == 10 && cameras.probes?.bytesPerDay == 65_536)
        #expect(bundle.allowlists[1].probes == nil)
        #expect(bundle.allowlists[1].match.keys == ["mac:ac:cc:8e:01:02:03"])
        #expect(PolicyValidator.validate(bundle).filter { $0.severity == .error } == [])
    }

    @Test func usbDevicesOfABaseline() throws {
        let head = "apiVersion: gatehouse/v1\nkind: Baseline\n"
        let usb = try Self.read(
            head + "usb: { deauthorise: [input, storage], allow: [\"046d:c31c\", \"0781:5581:4C530001\"] }\n"
        ).bundle.baseline.usb
        #expect(usb.deauthorisesInput && usb.deauthorisesStorage)
        #expect(usb.allowed == ["046d:c31c", "0781:5581:4C530001"])
        #expect(try Self.read(head).bundle.baseline.usb == USBPolicy())
        for (text, problem) in [
            ("usb: { deauthorise: [inputs] }", "is not input or storage"), ("usb: { deny: [input] }", "unknown key"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try Self.read(head + text + "\n") }
            #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
        }
    }

    @Test func serverNamesOfAnAllowlist() throws {
        let head = "apiVersion: gatehouse/v1\nkind: Allowlist\nname: a\n"
        for check in ServerNameCheck.allCases {
            let read = try Self.read(head + "dns: { serverNames: \(check.name) }\n").bundle
            #expect(read.allowlists[0].dns.serverNames == check)
        }
        #expect(try Self.read(head).bundle.allowlists[0].dns.serverNames == .checked)
        let error = #expect(throws: ConfigurationError.self) { try Self.read(head + "dns: { serverNames: off }\n") }
        #expect(
            error?.description.contains("is not checked, required or unchecked") == true,
            "\(String(describing: error))"
        )
    }

    /// What is shown says the same as what was signed.
    static let tags = """
        apiVersion: gatehouse/v1
        kind: Tags
        tags:
          lobby: ["usb:046d:0825@1-1", "mac:AC:cc:8e:01:02:03"]
          outdoor: []
        ---
        apiVersion: gatehouse/v1
        kind: Allowlist
        name: door
        match: { tag: [lobby, outdoor] }
        ---
        apiVersion: gatehouse/v1
        kind: Tags
        tags: { hall.3: "mac:ac:cc:8e:01:02:04" }
        """

    @Test func tagsOfDevices() throws {
        let bundle = try Self.read(Self.tags).bundle(generation: 1, issuedAtSeconds: 0)
        #expect(bundle.tags.map { $0.name } == ["lobby", "outdoor", "hall.3"])
        #expect(bundle.tags.map { $0.devices.count } == [2, 0, 1])
        #expect(bundle.tags[0].devices[0] == "mac:ac:cc:8e:01:02:03", "in lower case, in order")
        #expect(bundle.allowlists[0].match.tags == ["lobby", "outdoor"])
        #expect(PolicyValidator.validate(bundle) == [])
        let again = try Self.read(PolicyRenderer.render(bundle).text).bundle(generation: 1, issuedAtSeconds: 0)
        #expect(again.tags == bundle.tags && again.allowlists == bundle.allowlists)
    }

    @Test func aTagThatNobodyDefinesIsToldWithItsLine() throws {
        let documents = try Self.read(Self.tags.replacing("[lobby, outdoor]", with: "[lobby, garden]"))
        let problems = PolicyValidator.validate(documents.bundle(generation: 1, issuedAtSeconds: 0))
        #expect(problems.map { $0.severity } == [.error])
        let told = try #require(problems.first)
        #expect(
            documents.located(told).description.hasPrefix(
                "p.yaml:7: allowlist door: no document of kind Tags defines the tag \"garden\" in match"
            )
        )
    }

    @Test(arguments: [
        ("hall.3:", "Hall:", "p.yaml:14: Hall: not a valid name of a tag"),
        ("hall.3:", "lobby:", "p.yaml:14: lobby: the tag is defined a second time"),
        ("usb:046d:0825@1-1", "axis", "p.yaml:4: lobby: \"axis\" is not a device key"),
        ("usb:046d:0825@1-1", "mac:ac:cc:8e:01:02:03", "p.yaml:4: lobby: \"mac:AC:cc:8e:01:02:03\" is not"),
        ("tags: { hall.3", "tag: { hall.3", "p.yaml:12: key \"tags\" is missing"),
    ])
    func wrongTagsAreToldWithTheirLines(old: String, new: String, expected: String) {
        do throws(ConfigurationError) {
            _ = try Self.read(Self.tags.replacing(old, with: new))
            Issue.record("it was taken")
        } catch {
            #expect(error.description.hasPrefix(expected), "\(error)")
        }
    }

    @Test func renderedPoliciesReadBack() throws {
        let good = Self.text.replacing("MAC:x", with: "\"mac:ac:cc:8e:01:02:03\"")
        var bundle = try Self.read(good).bundle(generation: 7, issuedAtSeconds: 1_700_000_000, rollbackFrom: 9)
        bundle.allowlists[1].match.vendors = ["a \"quoted\" \\ vendor\u{7}", "1.5", "true"]
        bundle.allowlists[1].match.minimumConfidence = 905
        bundle.allowlists[1].mode = .monitor
        bundle.baseline.usb.deauthorisesStorage = true
        bundle.baseline.usb.allowed = ["0781:5581:4C530001"]
        bundle.allowlists[1].dns.answersOnlyAllowed = false
        bundle.allowlists[1].dns.blocklists = ["malware", "ads"]
        bundle.allowlists[1].dns.serverNames = .unchecked
        bundle.allowlists[1].onContradiction = .unknown
        bundle.allowlists[1].dns.noticesBlocked = true
        bundle.allowlists[1].dns.failsOpen = true
        for sample in [
            bundle, PolicyDocuments().bundle(generation: 7, issuedAtSeconds: 1_700_000_000, rollbackFrom: 9),
        ] {
            let rendered = PolicyRenderer.render(sample)
            var documents = PolicyDocuments()
            try documents.add(rendered.bytes, file: "rendered")
            let read = documents.bundle(generation: 7, issuedAtSeconds: 1_700_000_000, rollbackFrom: 9)
            #expect(read == sample, "\(rendered)")
        }
    }

    @Test func problemsKnowTheirLines() throws {
        let documents = try Self.read(Self.text.replacing("{ device: [MAC:x] }", with: "{ vendor: \"ax*\" }"))
        var bundle = documents.bundle(generation: 7, issuedAtSeconds: 1_700_000_000)
        bundle.allowlists[0].allow[1].ports[0].last = 1
        bundle.baseline.unknown.allow[0].ports[0].first = 0
        bundle.baseline.blockedPrefixes = IPPrefix("0.0.0.0/0").map { [$0] } ?? []
        let located = PolicyValidator.validate(bundle).filter { $0.severity == .error }.map {
            documents.located($0).description
        }
        #expect(
            located == [
                "p.yaml:9: block 0.0.0.0/0 would cut the gateway off from everything; block what is meant, prefix by prefix",
                "p.yaml:8: allowlist unknown, rule 1: port 0; ports are 1 to 65535; leave ports out for all",
                "p.yaml:20: allowlist cameras, rule 2: ports end before they begin; write the lower one first",
                "p.yaml:28: allowlist one: vendor \"ax*\" in match; write the whole name, without *",
            ]
        )
    }

    @Test func everyProbeIsNamedWhereOneIsNotKnown() {
        let error = #expect(throws: ConfigurationError.self) { try Self.read(Self.head + "probes: { run: x }") }
        let names = ProbeSet.all.names.map { $0.text }.joined(separator: " ")
        #expect(error?.description.hasSuffix("is not a probe, named once, of: \(names)") == true)
    }

    static let head = "apiVersion: gatehouse/v1\nkind: Allowlist\nname: a\n"
    static let errors: [(String, String)] = [
        (head + "probes: { run: [] }\nmode: maybe", "p.yaml:5: mode"),
        (head + "probes: { every: 1d }", "p.yaml:4: probes: key \"run\" is missing"),
        (
            head + "probes: { run: [snmp] }",
            "p.yaml:4: run: \"snmp\" is not a probe, named once, of: mdns upnp onvif coap"
        ),
        (head + "probes:\n  run:\n    - http\n    - http", "p.yaml:7: run: \"http\" is not a probe, named once"),
        (head + "probes: { run: http, every: 30m }", "p.yaml:4: every: \"30m\" is not within what is allowed"),
        (head + "probes: { run: http, exchangesPerHour: 61 }", "p.yaml:4: exchangesPerHour: \"61\" is not a number"),
        (head + "probes: { run: http, bytesPerDay: 1KiB }", "p.yaml:4: bytesPerDay: \"1KiB\" is not within"),
        (text, "p.yaml:31: device: \"MAC:x\" is not a device key, like mac:aa:bb:cc:dd:ee:ff"),
        ("kind: Allowlist", "p.yaml:1: key \"apiVersion\" is missing"),
        ("apiVersion: gatehouse/v2\nkind: X", "p.yaml:1: apiVersion: \"gatehouse/v2\" is not gatehouse/v1"),
        ("apiVersion: gatehouse/v1\nkind: X", "p.yaml:2: kind: \"X\" is not Allowlist, Baseline or Tags"),
        (head + "alow: []", "p.yaml:4: unknown key \"alow\"; known here: apiVersion, kind, name, match, mode, allow"),
        (head + "mode: maybe", "p.yaml:4: mode: \"maybe\" is not enforce or monitor"),
        (head + "match: { clas: x }", "p.yaml:4: unknown key \"clas\" in match; known here: class, vendor"),
        (head + "match: { class: camera }", "p.yaml:4: class: \"camera\" is not a class of devices"),
        (
            head + "match: { minimumConfidence: 1.1 }",
            "p.yaml:4: minimumConfidence: \"1.1\" is not a number from 0 to 1"
        ),
        (
            head + "match: { minimumConfidence: 0.7001 }",
            "p.yaml:4: minimumConfidence: \"0.7001\" is not a number from 0"
        ),
        (
            head + "match: { minimumConfidence: -0.7 }",
            "p.yaml:4: minimumConfidence: \"-0.7\" is not a number from 0 to 1"
        ),
        (head + "match: { minimumConfidence: 0. }", "p.yaml:4: minimumConfidence: \"0.\" is not a number from 0 to 1"),
        (head + "allow:\n  - { ports: [443/tcp] }", "p.yaml:5: allow: key \"to\" is missing"),
        (head + "allow:\n  - { to: 10.0.0.256 }", "p.yaml:5: to: \"10.0.0.256\" is not an address or a prefix"),
        (head + "allow:\n  - { to: 10.0.0.1/8 }", "p.yaml:5: to: \"10.0.0.1/8\" is not an address or a prefix"),
        (head + "allow:\n  - { to: a*.com }", "p.yaml:5: to: \"a*.com\" is not a name, *.name, an address"),
        (
            head + "allow:\n  - { to: a.com, ports: [] }",
            "p.yaml:5: ports: names no port; leave the key out to allow all"
        ),
        (head + "allow:\n  - { to: a.com, ports: [443] }", "p.yaml:5: ports: \"443\" is not a port like 443/tcp"),
        (head + "allow:\n  - { to: a.com, ports: [0/tcp] }", "p.yaml:5: ports: \"0/tcp\" is not a port like"),
        (head + "allow:\n  - { to: a.com, ports: [9-5/tcp] }", "p.yaml:5: ports: \"9-5/tcp\" is not a port like"),
        (head + "allow:\n  - { to: a.com, ports: [1-2-3/tcp] }", "p.yaml:5: ports: \"1-2-3/tcp\" is not a port like"),
        (head + "allow:\n  - { to: a.com, ports: [5/sctp] }", "p.yaml:5: ports: \"5/sctp\" is not a port like"),
        (head + "onViolation: { quarantineAfter: 5, within: 60 }", "p.yaml:4: within: \"60\" is not a time like"),
        (head + "onViolation: { quarantineAfter: 5 }", "p.yaml:4: onViolation: key \"within\" is missing"),
        (
            "apiVersion: gatehouse/v1\nkind: Baseline\n---\napiVersion: gatehouse/v1\nkind: Baseline\n",
            "p.yaml:4: a second Baseline; the first is at p.yaml:1"
        ),
    ]

    @Test(arguments: errors)
    func isAnError(text: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.read(text) }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }
}
