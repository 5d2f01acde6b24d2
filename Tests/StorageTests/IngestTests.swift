import CollectorCore
import NetworkTypes
import Storage
import Testing
import WireProtocol

@Suite struct IngestTests {
    @Test func keepsEachReportOnceHoweverOftenItIsSent() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        let reports = (1...20).map { StoreFixture.incident(1, UInt64($0)) }
        let first = try await fixture.submit(Array(reports[..<12]))
        #expect(
            first == IngestOutcome(highWater: .init(bootEpoch: 1, sequence: 12), acceptedCount: 12, duplicateCount: 0)
        )
        let again = try await fixture.submit(reports)
        #expect(
            again == IngestOutcome(highWater: .init(bootEpoch: 1, sequence: 20), acceptedCount: 8, duplicateCount: 12)
        )
        let earlierEpoch = try await fixture.submit([StoreFixture.incident(2, 1)])
        #expect(earlierEpoch.highWater == HighWaterMark(bootEpoch: 2, sequence: 1))
        let late = try await fixture.submit([StoreFixture.incident(1, 21)])
        #expect(late.duplicateCount == 1)
        var query = EventQuery()
        query.kinds = [.incident]
        let events = try await fixture.store.events(query)
        #expect(events.map(\.sequence) == [1] + (1...20).reversed())
        await fixture.finish()
    }

    @Test func refusesReportsOfAGatewayThatIsNotEnrolled() async throws {
        let fixture = try StoreFixture()
        await #expect(throws: StoreError.notFound("gateway gate-1")) {
            try await fixture.submit([StoreFixture.incident(1, 1)])
        }
        await fixture.finish()
    }

    @Test func manyAgentsShareTransactionsAndLoseNothing() async throws {
        let fixture = try StoreFixture()
        let keys = (1...40).map { GatewayKey(gateway: "gate-\($0)") }
        for key in keys { try await fixture.enrol(key) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys {
                group.addTask {
                    for batch in 0..<5 {
                        let reports = (1...10).map { StoreFixture.incident(1, UInt64(batch * 10 + $0)) }
                        let outcome = try await fixture.submit(reports, key)
                        #expect(outcome.acceptedCount == 10)
                    }
                }
            }
            try await group.waitForAll()
        }
        let counts = try await fixture.store.eventCounts(tenant: TenantName.standard, sinceMilliseconds: 0)
        #expect(counts[.incident] == 2000)
        await fixture.finish()
    }

    @Test func whatCannotBeWrittenHarmsNobodyElse() async throws {
        let fixture = try StoreFixture()
        let keys = (1...8).map { GatewayKey(gateway: "gate-\($0)") }
        for key in keys { try await fixture.enrol(key) }
        // Two numbers that are one in the database; the agent listener lets no such report through.
        let bad = [StoreFixture.incident(1 << 63, 1), StoreFixture.incident(1 << 63 + 1, 1)]
        let results = await withTaskGroup(of: (String, Bool).self) { group in
            for (index, key) in keys.enumerated() {
                group.addTask {
                    let reports = index == 3 ? bad : [StoreFixture.incident(1, 1)]
                    return (key.gateway, (try? await fixture.submit(reports, key)) != nil)
                }
            }
            return await group.reduce(into: [String: Bool]()) { $0[$1.0] = $1.1 }
        }
        #expect(results.filter { !$0.value }.map(\.key) == ["gate-4"])
        let counts = try await fixture.store.eventCounts(tenant: TenantName.standard, sinceMilliseconds: 0)
        #expect(counts[.incident] == 7)
        await fixture.finish()
    }

    @Test func whatWasAcknowledgedIsThereForAnotherProcess() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        let outcome = try await fixture.submit([StoreFixture.device(1, 1), StoreFixture.incident(1, 2)])
        // Opened a second time without closing the first: what a crash would leave.
        let second = try SQLiteStore(path: fixture.path)
        let overview = try await second.gateway(StoreFixture.gateway, nowMilliseconds: StoreFixture.start)
        #expect(overview?.record.highWater == outcome.highWater)
        #expect(overview?.devices.total == 1)
        let again = try await second.ingest(
            IngestSubmission(
                gateway: StoreFixture.gateway,
                reports: [StoreFixture.device(1, 1), StoreFixture.incident(1, 2), StoreFixture.incident(1, 3)],
                receivedMilliseconds: StoreFixture.start
            )
        )
        #expect(again.acceptedCount == 1 && again.duplicateCount == 2)
        await second.close()
        await fixture.finish()
    }

    @Test func followsADeviceThroughItsReports() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        var violation = ViolationReport()
        violation.device = "mac:ac:cc:8e:01:02:03"
        violation.destinationName = "evil.example"
        violation.transport = 6
        violation.port = 443
        violation.reason = "not-allowed"
        violation.count = 7
        var quarantine = QuarantineReport()
        quarantine.device = "mac:ac:cc:8e:01:02:03"
        quarantine.reason = "scan"
        quarantine.durationSeconds = 60
        _ = try await fixture.submit([
            StoreFixture.device(1, 1),
            StoreFixture.device(1, 2) { $0.model = "M3045-V" },
            StoreFixture.device(1, 3) { $0.model = "M3045-V" },
            StoreFixture.report(1, 4, .violation(violation)),
            StoreFixture.report(1, 5, .quarantine(quarantine)),
        ])
        let found = try await fixture.store.device(
            "mac:ac:cc:8e:01:02:03",
            of: StoreFixture.gateway,
            nowMilliseconds: StoreFixture.start
        )
        let device = try #require(found)
        #expect(device.record.model == "M3045-V")
        #expect(device.record.isQuarantined && device.record.quarantineReason == "scan")
        #expect(device.record.droppedCount == 7 && device.recentDroppedCount == 7)
        #expect(Posture.score(device).points == 50)
        let overview = try await fixture.store.gateway(StoreFixture.gateway, nowMilliseconds: StoreFixture.start)
        #expect(overview?.devices.meanScore == 50)
        #expect(overview?.devices.violating == 1)
        let later = try await fixture.store.gateway(
            StoreFixture.gateway,
            nowMilliseconds: StoreFixture.start + 26 * 3_600_000
        )
        #expect(later?.devices.meanScore == 60)
        let events = try await fixture.store.events(EventQuery(device: "mac:ac:cc:8e:01:02:03"))
        #expect(events.map(\.kind) == [.quarantine, .violation, .deviceChanged, .deviceAppeared])
        #expect(events[1].value(of: "name") == "evil.example")
        await fixture.finish()
    }

    @Test func aDeviceWithoutAKeyIsCountedAndNotKept() async throws {
        let fixture = try StoreFixture()
        try await fixture.enrol()
        let outcome = try await fixture.submit([StoreFixture.device(1, 1) { $0.key = "nonsense" }])
        #expect(outcome.acceptedCount == 1)
        let overview = try await fixture.store.gateway(StoreFixture.gateway, nowMilliseconds: StoreFixture.start)
        #expect(overview?.record.refusedCount == 1)
        #expect(overview?.devices.total == 0)
        await fixture.finish()
    }
}
