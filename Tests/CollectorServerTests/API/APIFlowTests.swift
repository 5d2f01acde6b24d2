import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import Testing

@testable import CollectorServer
@testable import gatehousectl

/// Where devices' connections led: over the wire, and on the console.
@Suite struct APIFlowTests {
    private static let camera = "mac:ac:cc:8e:01:02:03"
    private let clock = WallClock { SampleFleet.nowMilliseconds }

    private func filled(reports: Bool = true) throws -> MemoryStore {
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        let gateway = SampleFleet.addGateway(store, "g-1", name: "one", site: "dock") {
            $0.agent.reportsFlows = reports ? true : nil
            $0.forgottenFlowCount = 4
        }
        SampleFleet.addCamera(store, gateway)
        SampleFleet.addCamera(store, gateway, key: "mac:ac:cc:8e:01:02:04")
        guard reports else { return store }
        for name in ["a/b.example", "c.example", "d.example"] { SampleFleet.addFlow(store, gateway, name) }
        SampleFleet.addFlow(store, gateway, "e.example", device: "mac:ac:cc:8e:01:02:04")
        return store
    }

    @Test func flowsComeInPages() async throws {
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let client = try await APIClient.loggedIn(collector, as: "operator")
            for (path, names) in [
                ("/api/v1/gateways/g-1/flows", ["a/b.example", "c.example", "d.example", "e.example"]),
                ("/api/v1/gateways/g-1/devices/\(Self.camera)/flows", ["a/b.example", "c.example", "d.example"]),
            ] {
                var (found, cursor): ([FlowResource], String?) = ([], "")
                while let next = cursor {
                    let query = next.isEmpty ? "" : "&cursor=\(CollectorClient.encoded(next))"
                    let page = try await client.get("\(path)?limit=2\(query)").decoded(Page<FlowResource>.self)
                    #expect(page.items.count <= 2)
                    found += page.items
                    cursor = page.next
                }
                #expect(found.map(\.destination) == names, "\(path)")
                let first = try #require(found.first)
                #expect(first.device == Self.camera && first.class == "ip-camera" && first.vendor == "Axis")
                #expect(first.site == "dock" && first.confidence.vendor == 0.99 && first.transport == "tcp")
                #expect(first.direction == "internet" && first.port == 443 && first.count == 12)
                #expect(try await client.get("\(path)?cursor=none/of/ours").status == 400)
                #expect(try await client.get("\(path)?limit=0").status == 400)
            }
            for path in ["none/flows", "none/devices/\(Self.camera)/flows", "g-1/devices/mac:none/flows"] {
                #expect(try await client.get("/api/v1/gateways/\(path)").status == 404, "\(path)")
            }
            let gateway = try await client.get("/api/v1/gateways/g-1").decoded(GatewayResource.self)
            #expect(gateway.reportsFlows == true && gateway.forgottenFlows == 4)
        }
    }

    @Test func aCursorIsReadBack() {
        let places: [(String, FlowDirection)] = [
            ("a/b.example", .internet), ("2001:db8::1", .device), ("gateway", .gateway),
        ]
        for (name, direction) in places {
            let key = DeviceFlowKey(
                device: Self.camera,
                direction: direction,
                destination: name,
                transport: .icmpv6,
                port: 65_535
            )
            #expect(DeviceFlowKey(cursor: key.cursor) == key)
        }
        for text in ["", "a/3/6/443/x", "a/0/256/443/x", "a/0/6/65536/x", "a/0/6/443", "a/0/6/-1/x"] {
            #expect(DeviceFlowKey(cursor: text) == nil, "\(text)")
        }
    }

    @Test func theConsoleShowsThemToOperators() async throws {
        let path = "/gateways/g-1/devices/\(Self.camera)"
        try await LiveCollector.run(try filled(), clock: clock) { collector in
            let page = try await ConsolePageTests.signIn(collector, as: "operator").get(path).text
            for words in ["Where it connects to", "c.example", "443/tcp", ">12<"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("e.example"))
            let viewer = try await ConsolePageTests.signIn(collector, as: "viewer").get(path).text
            #expect(viewer.contains("Shown to operators and signers.") && !viewer.contains("c.example"))
        }
        try await LiveCollector.run(try filled(reports: false), clock: clock) { collector in
            let page = try await ConsolePageTests.signIn(collector, as: "operator").get(path).text
            #expect(page.contains("Not reported by this gateway."))
        }
    }

    @Test func theNoteSaysWhyThereAreNone() {
        #expect(FlowSection([], isReported: true).note == "None seen yet.")
        #expect(FlowSection([], isReported: false).note == "Not reported by this gateway.")
    }
}
