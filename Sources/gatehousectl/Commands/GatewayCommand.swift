import ArgumentParser
import CollectorAPI

/// `gateway`: gateways of the fleet.
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Gateways of the fleet.",
        subcommands: [List.self, Show.self, GatewayFlowsCommand.self, Ban.self, Unban.self, EndHold.self]
    )

    static func path(_ id: String) -> String { "/api/v1/gateways/\(CollectorClient.encoded(id))" }

    /// `gateway list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List gateways.")

        @Option(help: "Only those at this site.")
        var site: String?

        @OptionGroup var output: OutputOptions

        func run() throws {
            let query = site.map { [("site", $0)] } ?? []
            let gateways = try CollectorClient.fromProfile().list(
                GatewayResource.self,
                "/api/v1/gateways",
                query: query
            )
            guard output.format == .table else { return try Output.json(gateways) }
            var table = Table("ID", "NAME", "SITE", "STATE", "DEVICES", "POLICY", "GENERATION", "SCORE", "LAST SEEN")
            for gateway in gateways {
                table.add(
                    gateway.id,
                    gateway.name,
                    gateway.site,
                    gateway.state,
                    String(gateway.deviceCount),
                    gateway.policy.state,
                    String(gateway.policy.generation),
                    gateway.score.map(String.init) ?? "-",
                    Table.time(gateway.lastSeen)
                )
            }
            table.show(otherwise: "no gateways; make a token with gatehousectl token create")
        }
    }

    /// `gateway show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a gateway.")

        @Argument(help: "The gateway's ID.")
        var id: String

        @OptionGroup var output: OutputOptions

        func run() throws {
            let gateway = try CollectorClient.fromProfile().get(GatewayResource.self, GatewayCommand.path(id))
            guard output.format == .table else { return try Output.json(gateway) }
            Table.facts([
                ("gateway", gateway.id), ("name", gateway.name), ("host", gateway.hostname), ("site", gateway.site),
                ("state", gateway.state + (gateway.stateReason.map { " (\($0))" } ?? "")),
                ("agent", "\(gateway.agentVersion) \(gateway.architecture), kernel \(gateway.kernelRelease)"),
                (
                    "knowledge",
                    gateway.knowledgeVersion.map { $0 == 0 ? "that of its package" : "version \($0)" } ?? "-"
                ),
                (
                    "blocklists",
                    gateway.blocklistVersion.map { $0 == 0 ? "put there by hand" : "version \($0)" } ?? "none"
                ),
                ("memory", "\(gateway.residentKiB) KiB"),
                ("devices", "\(gateway.deviceCount), \(gateway.quarantinedCount) in quarantine"),
                ("enrolled", Table.time(gateway.enrolled)), ("last seen", Table.time(gateway.lastSeen)),
                ("certificate until", Table.time(gateway.certificateExpires)),
                ("score", gateway.score.map(String.init) ?? "-"),
            ])
            for deduction in gateway.deductions ?? [] { Output.line("  -\(deduction.points) \(deduction.reason)") }
            PolicyStatusText.show(gateway.policy)
        }
    }

    /// `gateway ban`
    struct Ban: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ban a gateway: its connection ends at once, and it may not come back."
        )

        @Argument(help: "The gateway's ID.")
        var id: String

        @Option(help: "Why, for the audit log.")
        var reason: String?

        func run() throws {
            let gateway = try CollectorClient.fromProfile().post(
                GatewayResource.self,
                GatewayCommand.path(id) + "/ban",
                ReasonRequest(reason: reason)
            )
            Output.line("gateway \(gateway.id) is banned")
        }
    }

    /// `gateway unban`
    struct Unban: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lift a ban.")

        @Argument(help: "The gateway's ID.")
        var id: String

        func run() throws {
            let client = try CollectorClient.fromProfile()
            let gateway = try client.post(GatewayResource.self, GatewayCommand.path(id) + "/unban", ReasonRequest())
            Output.line("gateway \(gateway.id) may connect again")
        }
    }

    /// `gateway end-hold`
    struct EndHold: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-hold",
            abstract: "End the hold of a gateway whose identity two hosts were seen to have."
        )

        @Argument(help: "The gateway's ID.")
        var id: String

        func run() throws {
            let client = try CollectorClient.fromProfile()
            let gateway = try client.post(GatewayResource.self, GatewayCommand.path(id) + "/end-hold", ReasonRequest())
            Output.line("gateway \(gateway.id) is no longer held")
        }
    }
}
