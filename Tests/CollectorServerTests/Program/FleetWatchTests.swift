import CollectorCore
import CollectorTestSupport
import Logging
import Storage
import Testing

@testable import CollectorServer

/// What the collector does by the clock.
@Suite struct FleetWatchTests {
    @Test func flowsAreForgottenWhenTheirTimeIsOver() async throws {
        let store = MemoryStore()
        let gateway = SampleFleet.addGateway(store, "g-1", name: "one", site: "s")
        // Last seen a minute before `nowMilliseconds`, and one two minutes before that.
        SampleFleet.addFlow(store, gateway, "new.example")
        SampleFleet.addFlow(store, gateway, "old.example", now: SampleFleet.nowMilliseconds - 120_000)
        let clock = WallClock { SampleFleet.nowMilliseconds }
        let log = Logger(label: "test")
        let watch = FleetWatch(
            store: store,
            registry: AgentRegistry(store: store, figures: CollectorFigures(), clock: clock, log: log),
            clock: clock,
            log: log,
            silenceMilliseconds: 90_000,
            keepFlowsMilliseconds: 120_000
        )
        try await watch.forget()
        let left = try await store.flows(FlowQuery(gateway: gateway))
        #expect(left.map(\.key.destination) == ["new.example"])
    }
}
