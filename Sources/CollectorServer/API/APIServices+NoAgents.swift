internal import CollectorCore
internal import Logging
public import Recog
public import Storage

extension APIServices {
    /// Services of a collector whose agent listener does not run: nobody is connected. For tests of API and console.
    public static func withoutAgents(
        store: any CollectorStore,
        clock: WallClock,
        settings: Settings,
        recog: RecogLibrary? = nil,
        blocklists: BlocklistLibrary? = nil
    ) -> APIServices {
        let figures = CollectorFigures()
        let registry = AgentRegistry(store: store, figures: figures, clock: clock, log: Logger(label: "gatehouse"))
        return APIServices(
            store: store,
            operations: FleetOperations(store: store, registry: registry, clock: clock),
            figures: figures,
            clock: clock,
            settings: settings,
            banners: recog.map { BannerKnowledge(library: $0, figures: figures, log: Logger(label: "gatehouse")) },
            blocklists: blocklists
        )
    }
}
