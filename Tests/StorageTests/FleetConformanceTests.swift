import CollectorCore
import NetworkTypes
import Storage
import Testing
import WireProtocol

/// Gateways, devices and events: what every store does.
@Suite struct FleetConformanceTests {
    private static let now = ConformanceFixture.now
    private static let hour: UInt64 = 3_600_000

    @Test(arguments: StoreKind.allCases)
    func gatewaysAreListedByName(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            for (name, site) in [("c", "x"), ("a", "x"), ("b", "y"), ("d", "x")] {
                try await fixture.enrol(name, site: site)
            }
            try await fixture.enrol("a", tenant: ConformanceFixture.other)
            func names(_ change: (inout GatewayQuery) -> Void = { _ in }) async throws -> [String] {
                var query = GatewayQuery(nowMilliseconds: Self.now)
                change(&query)
                return try await fixture.store.gateways(query).map(\.record.key.gateway)
            }
            #expect(try await names() == ["a", "b", "c", "d"])
            #expect(try await names { $0.site = "x" } == ["a", "c", "d"])
            #expect(try await names { $0.limit = 2 } == ["a", "b"])
            #expect(try await names { ($0.limit, $0.after) = (2, "b") } == ["c", "d"])
            #expect(try await names { ($0.site, $0.after) = ("x", "a") } == ["c", "d"])
            #expect(try await names { $0.tenant = ConformanceFixture.other } == ["a"])
            #expect(try await names { $0.tenant = "nobody" } == [])
            #expect(try await names { $0.limit = 0 } == [])
            #expect(try await fixture.record(GatewayKey(tenant: ConformanceFixture.other, gateway: "b")) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func operatorsChangeGatewaysWithAnAuditLine(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let key = try await fixture.enrol("g")
            let first = BanRecord(actor: "ann", reason: "stolen", sinceMilliseconds: 1)
            try await store.ban(key, first, audit: fixture.entry("gateway.ban"))
            let second = BanRecord(actor: "bob", reason: "again", sinceMilliseconds: 2)
            try await store.ban(key, second, audit: fixture.entry("gateway.ban"))
            #expect(try await fixture.record(key)?.ban == first)
            try await store.unban(key, audit: fixture.entry("gateway.unban"))
            #expect(try await fixture.record(key)?.ban == nil)

            try await store.update(
                key,
                name: "n",
                site: nil,
                labels: ["a": "b"],
                audit: fixture.entry("gateway.update")
            )
            try await store.update(key, name: nil, site: "t", labels: nil, audit: fixture.entry("gateway.update"))
            let updated = try #require(try await fixture.record(key))
            #expect(updated.name == "n" && updated.site == "t" && updated.labels == ["a": "b"])
            var query = GatewayQuery(nowMilliseconds: Self.now)
            query.site = "t"
            #expect(try await store.gateways(query).count == 1, "a moved gateway is found at its new site")

            var certificate = CertificateSummary()
            certificate.serialNumber = "77"
            try await store.recordCertificate(certificate, of: key, audit: fixture.entry("gateway.renew"))
            #expect(try await fixture.record(key)?.certificate == certificate)
            #expect(
                try await fixture.actions() == [
                    "token.create", "gateway.enrol", "gateway.ban", "gateway.ban", "gateway.unban", "gateway.update",
                    "gateway.update", "gateway.renew",
                ]
            )
            let lifecycle = try await store.events(EventQuery(gateway: "g")).filter { $0.kind == .lifecycle }
            #expect(lifecycle.count == 7)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aHoldIsAnIncidentOnceAndItsEndForgetsTheAgent(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let key = try await fixture.enrol("g")
            _ = try await fixture.connect(key)
            let hold = HoldRecord(reason: "two", sinceMilliseconds: 5)
            try await store.hold(key, hold)
            try await store.hold(key, HoldRecord(reason: "again", sinceMilliseconds: 6))
            #expect(try await fixture.record(key)?.hold == hold)
            let incidents = try await store.events(EventQuery(gateway: "g")).filter { $0.kind == .incident }
            #expect(incidents.map { $0.value(of: "kind") } == ["clone"] && incidents.first?.severity == .critical)
            try await store.endHold(key, audit: fixture.entry("gateway.release"))
            let after = try #require(try await fixture.record(key))
            #expect(after.hold == nil && after.agent == AgentSummary(), "the next agent counts as the right one")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsNotThereIsNotFoundAndChangesNothing(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            try await fixture.enrol("there")
            let key = GatewayKey(gateway: "none")
            let missing = StoreError.notFound("gateway none")
            let entry = fixture.entry("x")
            let ban = BanRecord(actor: "", reason: "", sinceMilliseconds: 0)
            let hold = HoldRecord(reason: "", sinceMilliseconds: 0)
            await #expect(throws: missing) { try await store.ban(key, ban, audit: entry) }
            await #expect(throws: missing) { try await store.unban(key, audit: entry) }
            await #expect(throws: missing) { try await store.hold(key, hold) }
            await #expect(throws: missing) { try await store.endHold(key, audit: entry) }
            await #expect(throws: missing) {
                try await store.update(key, name: "n", site: nil, labels: nil, audit: entry)
            }
            await #expect(throws: missing) {
                try await store.recordCertificate(CertificateSummary(), of: key, audit: entry)
            }
            await #expect(throws: missing) { _ = try await fixture.connect(key) }
            await #expect(throws: missing) { try await fixture.submit(key, []) }
            #expect(try await fixture.actions() == ["token.create", "gateway.enrol"])
            #expect(try await store.device("mac:1", of: key, nowMilliseconds: Self.now) == nil)
            #expect(try await store.event(99, tenant: TenantName.standard) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func connectionsComeGoAndFallSilent(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let key = try await fixture.enrol("g")
            let never = try await fixture.enrol("never")
            let connected = try await fixture.connect(key)
            #expect(connected.connectedSinceMilliseconds == Self.now && connected.agent.hostname == "host")
            #expect(connected.policy.generation == 2 && connected.policy.hash == "ab")

            // The end of another instance's connection is not this one's.
            try await store.recordDisconnection(of: key, instance: "b", reason: "r", nowMilliseconds: Self.now + 1)
            #expect(try await fixture.record(key)?.connectedSinceMilliseconds == Self.now)
            try await store.recordSigns(of: [key, GatewayKey(gateway: "none")], nowMilliseconds: Self.now + 500)
            #expect(try await fixture.record(key)?.lastSeenMilliseconds == Self.now + 500)
            func silent(before: UInt64) async throws -> [GatewayKey] {
                try await store.markSilent(beforeMilliseconds: before, nowMilliseconds: Self.now + 9000)
            }
            #expect(try await silent(before: Self.now + 8000) == [], "a connected gateway is not silent")
            try await store.recordDisconnection(of: key, instance: "a", reason: "r", nowMilliseconds: Self.now + 1000)
            #expect(try await fixture.record(key)?.connectedSinceMilliseconds == nil)
            #expect(try await silent(before: Self.now + 1000) == [], "not yet")
            #expect(try await silent(before: Self.now + 1001) == [key])
            #expect(try await silent(before: Self.now + 1001) == [], "marked once")
            #expect(try await fixture.record(key)?.isSilent == true)
            #expect(try await fixture.record(never)?.isSilent == false, "who never connected cannot fall silent")
            #expect(try await store.events(EventQuery(gateway: "g")).map(\.kind).first == .silence)
            _ = try await fixture.connect(key, instance: "c", epoch: 2, at: Self.now + 9000)
            #expect(try await fixture.record(key)?.isSilent == false)

            try await store.resetConnections()
            #expect(try await fixture.record(key)?.connectedSinceMilliseconds == nil)
            let ban = BanRecord(actor: "", reason: "", sinceMilliseconds: 0)
            try await store.ban(key, ban, audit: fixture.entry("gateway.ban"))
            #expect(try await silent(before: .max) == [], "of a banned gateway nobody waits to hear")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func devicesAreListedAndCounted(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let (first, second) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            let other = try await fixture.enrol("a", tenant: ConformanceFixture.other)
            for (key, mac) in [(first, "2"), (first, "1"), (second, "1"), (other, "1")] {
                try await fixture.submit(
                    key,
                    [
                        StoreFixture.device(1, UInt64(mac) ?? 0) { device in
                            device.key = "mac:00:00:00:00:00:0\(mac)".bytes
                            if mac == "2" {
                                (device.deviceClass, device.policy, device.isQuarantined) = ("lock", "", true)
                            }
                        }
                    ].sorted { $0.sequence < $1.sequence }
                )
            }
            func keys(_ change: (inout DeviceQuery) -> Void = { _ in }) async throws -> [String] {
                var query = DeviceQuery(nowMilliseconds: Self.now)
                change(&query)
                return try await store.devices(query).map { "\($0.record.gateway.gateway)/\($0.record.key.suffix(1))" }
            }
            // The second report of `a` had a lower sequence, so it was there before: a duplicate.
            #expect(try await keys() == ["a/2", "b/1"])
            try await fixture.submit(first, [StoreFixture.device(1, 3) { $0.key = "mac:00:00:00:00:00:01".bytes }])
            #expect(try await keys() == ["a/1", "a/2", "b/1"])
            #expect(try await keys { $0.gateway = "a" } == ["a/1", "a/2"])
            #expect(try await keys { $0.deviceClass = "lock" } == ["a/2"])
            #expect(try await keys { $0.isQuarantined = true } == ["a/2"])
            #expect(try await keys { $0.isQuarantined = false } == ["a/1", "b/1"])
            #expect(try await keys { $0.limit = 2 } == ["a/1", "a/2"])
            #expect(try await keys { $0.after = ("a", "mac:00:00:00:00:00:01") } == ["a/2", "b/1"])
            #expect(try await keys { $0.after = ("a", "mac:00:00:00:00:00:02") } == ["b/1"])
            #expect(try await keys { $0.tenant = ConformanceFixture.other } == ["a/1"])
            let counts = try #require(try await store.gateway(first, nowMilliseconds: Self.now)?.devices)
            #expect(counts.total == 2 && counts.identified == 2 && counts.governed == 1 && counts.quarantined == 1)
            // 100, and 100 - 20 - 40.
            #expect(counts.scoreSum == 140 && counts.violating == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func violationsCountForADay(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let key = try await fixture.enrol("g")
            let mac = "mac:ac:cc:8e:01:02:03"
            func violation(_ sequence: UInt64, _ count: UInt64, dropped: Bool = true) -> Report {
                var violation = ViolationReport()
                violation.device = mac.bytes
                (violation.count, violation.wasDropped) = (count, dropped)
                return StoreFixture.report(1, sequence, .violation(violation))
            }
            try await fixture.submit(key, [StoreFixture.device(1, 1), violation(2, 60)])
            try await fixture.submit(
                key,
                [violation(3, 50), violation(4, 3, dropped: false)],
                at: Self.now + Self.hour
            )
            func counts(after hours: UInt64) async throws -> [UInt64] {
                let device = try await store.device(mac, of: key, nowMilliseconds: Self.now + hours * Self.hour)
                let gateway = try await store.gateway(key, nowMilliseconds: Self.now + hours * Self.hour)
                return [
                    device?.recentDroppedCount ?? 0, device?.recentWouldDropCount ?? 0, gateway?.devices.violating ?? 0,
                    gateway?.devices.scoreSum ?? 0,
                ]
            }
            #expect(try await counts(after: 1) == [110, 3, 1, 65])
            #expect(try await counts(after: 25) == [50, 3, 1, 75])
            #expect(try await counts(after: 26) == [0, 0, 0, 100])
            #expect(try await store.device(mac, of: key, nowMilliseconds: Self.now)?.record.droppedCount == 110)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func eventsAreFilteredNewestFirst(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let store = fixture.store
            let (first, second) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            try await fixture.enrol("a", tenant: ConformanceFixture.other)
            for sequence in 1...3 {
                var report = StoreFixture.incident(1, UInt64(sequence))
                report.severity = sequence == 2 ? .critical : .notice
                try await fixture.submit(first, [report], at: Self.now + UInt64(sequence))
            }
            try await fixture.submit(second, [StoreFixture.device(1, 1)], at: Self.now + 4)
            func found(_ change: (inout EventQuery) -> Void) async throws -> [EventRecord] {
                var query = EventQuery()
                change(&query)
                return try await store.events(query)
            }
            let all = try await found { _ in }
            #expect(all.map(\.id) == all.map(\.id).sorted(by: >) && all.count == 6)
            #expect(all.map(\.kind) == [.deviceAppeared, .incident, .incident, .incident, .lifecycle, .lifecycle])
            #expect(try await found { $0.gateway = "b" }.map(\.kind) == [.deviceAppeared, .lifecycle])
            #expect(try await found { $0.device = "mac:ac:cc:8e:01:02:03" }.map(\.kind) == [.deviceAppeared])
            #expect(try await found { $0.kinds = [.incident] }.map(\.sequence) == [3, 2, 1])
            #expect(try await found { $0.minimumSeverity = .critical }.map(\.sequence) == [2])
            #expect(try await found { $0.sinceMilliseconds = Self.now + 3 }.count == 2)
            #expect(try await found { ($0.limit, $0.before) = (2, all[1].id) } == Array(all[2...3]))
            #expect(try await found { $0.tenant = ConformanceFixture.other }.map(\.kind) == [.lifecycle])
            #expect(try await found { $0.limit = 0 } == [])
            #expect(try await store.event(all[0].id, tenant: TenantName.standard) == all[0])
            #expect(try await store.event(all[0].id, tenant: ConformanceFixture.other) == nil)
            let counts = try await store.eventCounts(tenant: TenantName.standard, sinceMilliseconds: Self.now + 2)
            #expect(counts == [.incident: 2, .deviceAppeared: 1])
        }
    }
}
