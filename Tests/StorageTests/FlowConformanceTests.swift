import CollectorCore
import GRDB
import NetworkTypes
import Storage
import Testing
import WireProtocol

/// Where devices' connections led: what every store does.
@Suite struct FlowConformanceTests {
    private static let now = ConformanceFixture.now
    private static let devices = [MACAddress(rawValue: 0xACCC_8E01_0203), MACAddress(rawValue: 0xACCC_8E01_0204)]

    private static func device(_ sequence: UInt64, _ address: MACAddress) -> Report {
        StoreFixture.device(1, sequence) { $0.key = DeviceKey(address).byteString }
    }

    private static func flow(
        _ name: ByteString,
        _ port: UInt16 = 443,
        of device: Int = 0,
        last: UInt64 = now
    ) -> FlowReport.Flow {
        var flow = FlowReport.Flow()
        flow.device = devices[device]
        flow.name = name
        flow.address = IPAddress(v4: 0xC633_6401)
        flow.transport = .tcp
        flow.port = port
        flow.count = 2
        flow.firstMilliseconds = min(last, now - 10_000)
        flow.lastMilliseconds = last
        return flow
    }

    private static func report(_ sequence: UInt64, _ flows: [FlowReport.Flow]) -> Report {
        var report = FlowReport()
        report.flows = flows
        return StoreFixture.report(1, sequence, .flows(report))
    }

    @Test(arguments: StoreKind.allCases)
    func flowsAreKeptUpdatedAndPaged(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let key = try await fixture.enrol("g")
            let other = try await fixture.enrol("g", tenant: ConformanceFixture.other)
            var own = Self.flow("", 123)
            own.direction = .gateway
            try await fixture.submit(
                key,
                [
                    Self.device(1, Self.devices[0]), Self.device(2, Self.devices[1]),
                    Self.report(3, [Self.flow("b.example"), Self.flow("a.example", 80), Self.flow("a.example"), own]),
                    Self.report(4, [Self.flow("a.example", of: 1), Self.flow("a/b.example", of: 1)]),
                ]
            )
            func listed(_ change: (inout FlowQuery) -> Void = { _ in }) async throws -> [DeviceFlowRecord] {
                var query = FlowQuery(gateway: key)
                change(&query)
                return try await fixture.store.flows(query)
            }
            func names(_ flows: [DeviceFlowRecord]) -> [String] {
                flows.map { "\($0.key.device.suffix(2)) \($0.key.destination) \($0.key.port)" }
            }
            let all = try await listed()
            #expect(
                names(all) == [
                    "03 a.example 80", "03 a.example 443", "03 b.example 443", "03 gateway 123", "04 a.example 443",
                    "04 a/b.example 443",
                ]
            )
            #expect(all == all.sorted { $0.key < $1.key })
            let camera = DeviceKey(Self.devices[0]).byteString.text
            #expect(try await names(listed { $0.device = camera }) == Array(names(all).prefix(4)))
            // In pages, whatever their size.
            for size in 1...7 {
                var found: [DeviceFlowRecord] = []
                while true {
                    let page = try await listed { ($0.limit, $0.after) = (size, found.last?.key) }
                    found += page
                    if page.count < size { break }
                }
                #expect(found == all, "pages of \(size)")
            }
            #expect(try await listed { $0.limit = 0 }.isEmpty)
            #expect(try await fixture.store.flows(FlowQuery(gateway: other)).isEmpty)

            var more = Self.flow("b.example")
            (more.count, more.lastMilliseconds) = (7, Self.now + 60_000)
            more.address = IPAddress(v4: 0xC633_6402)
            try await fixture.submit(key, [Self.report(5, [more])], at: Self.now + 60_000)
            let updated = try #require(try await listed().first { $0.key.destination == "b.example" })
            #expect(updated.count == 7 && updated.lastMilliseconds == Self.now + 60_000)
            #expect(updated.address == "198.51.100.2" && updated.firstMilliseconds == Self.now - 10_000)
            // Sent again, as after a lost acknowledgement.
            let again = try await fixture.submit(key, [Self.report(5, [more])], at: Self.now + 60_000)
            #expect(again.duplicateCount == 1)
            #expect(try await listed().count == 6)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatWasSeenLongAgoIsForgotten(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let (key, second) = (try await fixture.enrol("g"), try await fixture.enrol("h"))
            for gateway in [key, second] {
                let old = Self.flow("old.example", last: Self.now - 2_000)
                try await fixture.submit(
                    gateway,
                    [Self.device(1, Self.devices[0]), Self.report(2, [old, Self.flow("new.example")])]
                )
            }
            #expect(try await fixture.store.forgetFlows(beforeMilliseconds: Self.now - 2_000) == 0)
            #expect(try await fixture.store.forgetFlows(beforeMilliseconds: Self.now - 1_999) == 2)
            for gateway in [key, second] {
                let left = try await fixture.store.flows(FlowQuery(gateway: gateway))
                #expect(left.map(\.key.destination) == ["new.example"])
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theOldestMakeRoom(_ kind: StoreKind) async throws {
        try await kind.with { fixture in
            let key = try await fixture.enrol("g")
            let limit = Int(IngestLimits.maximumFlowsPerGateway)
            let size = FlowReport.maximumFlowCount
            var reports = [Self.device(1, Self.devices[0])]
            // One more report than there is room for; the first ones were seen last.
            for number in 0...(limit / size) {
                let flows = (0..<size).map { index in
                    let order = UInt64(number * size + index)
                    return Self.flow("cloud.example", UInt16(order), last: Self.now - order)
                }
                reports.append(Self.report(UInt64(number + 2), flows))
            }
            for start in stride(from: 0, to: reports.count, by: 64) {
                try await fixture.submit(key, Array(reports[start..<min(start + 64, reports.count)]))
            }
            var query = FlowQuery(gateway: key)
            var ports: [UInt16] = []
            while true {
                let page = try await fixture.store.flows(query)
                ports += page.map(\.key.port)
                guard let last = page.last else { break }
                query.after = last.key
            }
            #expect(ports == (0..<limit).map { UInt16($0) })
            #expect(try await fixture.record(key)?.forgottenFlowCount == UInt64(size))
        }
    }

    @Test func flowsGoWithTheirDeviceAndTheirGateway() async throws {
        let fixture = try StoreFixture()
        let keys = [try await fixture.enrol(), try await fixture.enrol(GatewayKey(gateway: "gate-2"))]
        for key in keys {
            _ = try await fixture.submit(
                [
                    Self.device(1, Self.devices[0]), Self.device(2, Self.devices[1]),
                    Self.report(3, [Self.flow("a.example"), Self.flow("a.example", of: 1)]),
                ],
                key
            )
        }
        await fixture.store.close()
        let queue = try DatabaseQueue(path: fixture.path)
        try await queue.write { database in
            func count() throws -> Int? { try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM flows") }
            #expect(try count() == 4)
            try database.execute(
                sql: "DELETE FROM devices WHERE gateway = ? AND device = ?",
                arguments: [keys[0].gateway, "mac:ac:cc:8e:01:02:03"]
            )
            #expect(try count() == 3)
            try database.execute(sql: "DELETE FROM gateways WHERE gateway = ?", arguments: [keys[1].gateway])
            #expect(try count() == 1)
        }
        try queue.close()
        await fixture.finish()
    }
}
