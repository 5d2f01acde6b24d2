import CollectorCore
import NetworkTypes
import Testing
import WireProtocol

/// What reports of flows do to a gateway's rows.
@Suite struct FlowIngestTests {
    private static let camera = MACAddress(rawValue: 0xACCC_8E01_0203)
    private static let key = "mac:ac:cc:8e:01:02:03"
    private static let now: UInt64 = 1_800_000_000_000

    private static func flow(_ change: (inout FlowReport.Flow) -> Void = { _ in }) -> FlowReport.Flow {
        var flow = FlowReport.Flow()
        flow.device = camera
        flow.name = "cloud.example"
        flow.address = IPAddress(v4: 0xC633_6401)
        flow.transport = .tcp
        flow.port = 443
        flow.count = 3
        flow.firstMilliseconds = now - 5_000
        flow.lastMilliseconds = now - 1_000
        change(&flow)
        return flow
    }

    private static func begin(
        flows: [DeviceFlowKey: DeviceFlowRecord] = [:],
        count: UInt64? = nil,
        received: UInt64 = now
    ) -> GatewayIngest {
        let gateway = GatewayRecord(key: GatewayKey(gateway: "gate"), name: "gate")
        return GatewayIngest(
            gateway: gateway,
            devices: [key: DeviceRecord(gateway: gateway.key, key: key)],
            deviceCount: 1,
            flows: flows,
            flowCount: count ?? UInt64(flows.count),
            receivedMilliseconds: received
        )
    }

    private static func report(_ sequence: UInt64, _ flows: [FlowReport.Flow]) -> Report {
        var report = FlowReport()
        report.flows = flows
        return Report(
            bootEpoch: 1,
            sequence: sequence,
            severity: .informational,
            timeMilliseconds: now,
            body: .flows(report)
        )
    }

    /// What is kept of one flow after some reports of it.
    private static func kept(_ flows: [FlowReport.Flow]) throws -> DeviceFlowRecord {
        var ingest = begin()
        for (index, flow) in flows.enumerated() { ingest.take(report(UInt64(index + 1), [flow])) }
        #expect(ingest.flowCount == 1 && ingest.changedFlows.count == 1)
        return try #require(ingest.changedFlows.values.first)
    }

    @Test func aFlowIsKeptUnderItsName() throws {
        let record = try Self.kept([Self.flow()])
        #expect(
            record.key
                == DeviceFlowKey(
                    device: Self.key,
                    direction: .internet,
                    destination: "cloud.example",
                    transport: .tcp,
                    port: 443
                )
        )
        #expect(record.address == "198.51.100.1" && record.count == 3)
        #expect(record.firstMilliseconds == Self.now - 5_000 && record.lastMilliseconds == Self.now - 1_000)
        let direct = try Self.kept([Self.flow { ($0.name, $0.direction) = ("", .device) }])
        #expect(direct.key.destination == "198.51.100.1")
        #expect(try Self.kept([Self.flow { ($0.name, $0.direction) = ("", .gateway) }]).key.destination == "gateway")
    }

    @Test func whatIsReportedAgainCountsOnce() throws {
        let later = Self.flow { ($0.count, $0.lastMilliseconds) = (9, Self.now) }
        let again = try Self.kept([Self.flow(), Self.flow(), later])
        #expect(again.count == 9 && again.lastMilliseconds == Self.now)
        // An older state of the gateway's disk takes nothing back.
        #expect(try Self.kept([Self.flow { $0.count = 9 }, Self.flow()]).count == 9)
        // A clock that was put right moves the beginning: it is the same count.
        let mended = try Self.kept([Self.flow(), Self.flow { ($0.count, $0.firstMilliseconds) = (4, 5_000) }])
        #expect(mended.count == 4 && mended.firstMilliseconds == 5_000)
    }

    @Test func whatTheGatewayHadForgottenIsAddedTo() throws {
        let anew = try Self.kept([
            Self.flow { $0.count = 9 },
            Self.flow { ($0.count, $0.firstMilliseconds) = (2, Self.now - 500) },
            Self.flow { ($0.count, $0.firstMilliseconds) = (5, Self.now - 500) },
        ])
        #expect(anew.count == 14 && anew.firstMilliseconds == Self.now - 5_000)
        let many = try Self.kept([
            Self.flow { $0.count = .max }, Self.flow { ($0.count, $0.firstMilliseconds) = (.max, Self.now - 500) },
        ])
        #expect(many.count == UInt64(Int64.max))
    }

    @Test func aClockThatIsAheadDoesNotKeepAFlowForEver() throws {
        let record = try Self.kept([
            Self.flow { ($0.firstMilliseconds, $0.lastMilliseconds) = (.max - 1, .max) }
        ])
        #expect(record.firstMilliseconds == Self.now && record.lastMilliseconds == Self.now)
    }

    @Test func whatCannotBeKeptIsCounted() {
        var ingest = Self.begin()
        let bad = [
            Self.flow { $0.device = MACAddress(rawValue: 1) }, Self.flow { $0.name = "*.example" },
            Self.flow { $0.name = "192.0.2.1" },
        ]
        ingest.take(Self.report(1, bad + [Self.flow()]))
        #expect(ingest.gateway.refusedCount == 3)
        #expect(ingest.changedFlows.count == 1 && ingest.acceptedCount == 1)
        #expect(ingest.events.isEmpty)
        #expect(GatewayIngest.deviceKeys(of: [Self.report(1, bad)]) == [Self.key, "mac:00:00:00:00:00:01"])
        #expect(GatewayIngest.flowKeys(of: [Self.report(1, bad)]).map(\.device) == ["mac:00:00:00:00:00:01"])
    }

    @Test func theLimitOfAGatewayHoldsAndIsCounted() {
        let limit = IngestLimits.maximumFlowsPerGateway
        var ingest = Self.begin(count: limit - 1)
        ingest.take(Self.report(1, [Self.flow()]))
        #expect(ingest.takeExcessFlows() == 0 && ingest.gateway.forgottenFlowCount == nil)
        ingest.take(Self.report(2, [Self.flow { $0.port = 1 }, Self.flow { $0.port = 2 }, Self.flow { $0.port = 2 }]))
        #expect(ingest.takeExcessFlows() == 2 && ingest.flowCount == limit)
        #expect(ingest.gateway.forgottenFlowCount == 2)
        #expect(ingest.takeExcessFlows() == 0)
    }
}
