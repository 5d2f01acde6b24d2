import ArgumentParser
import CollectorAPI

/// `device flows`
struct DeviceFlowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "List where a device's connections led, as its gateway reported it."
    )

    @Argument(help: "The device's key: mac:ac:cc:8e:01:02:03.")
    var key: String

    @Option(help: "The gateway it is behind.")
    var gateway: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let client = try CollectorClient.fromProfile()
        let gateway = try DeviceCommand.gateway(of: key, named: gateway, client)
        let flows = try CollectorFlows.fetch(DeviceCommand.path(key, gateway) + "/flows", client)
        try FlowText.show(flows, of: gateway, output.format, client)
    }
}

/// `gateway flows`
struct GatewayFlowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "List where connections of a gateway's devices led, as it reported it.",
        discussion: "With -o json a file that policy learn and policy plan take."
    )

    @Argument(help: "The gateway's ID.")
    var id: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let client = try CollectorClient.fromProfile()
        let flows = try CollectorFlows.fetch(GatewayCommand.path(id) + "/flows", client)
        try FlowText.show(flows, of: id, output.format, client)
    }
}

/// How flows are listed.
enum FlowText {
    /// A table, or one JSON object a line: what `gatehouse-agent flows -o json` prints.
    static func show(
        _ flows: [FlowResource],
        of gateway: String,
        _ format: OutputFormat,
        _ client: CollectorClient
    ) throws {
        guard format == .table else {
            guard !flows.isEmpty else { return }
            return Output.line(String(decoding: try CollectorFlows.lines(flows).dropLast(), as: UTF8.self))
        }
        var reason = "no flows"
        if flows.isEmpty, try client.get(GatewayResource.self, GatewayCommand.path(gateway)).reportsFlows != true {
            reason = "no flows: gateway \(gateway) does not report them (reports: { flows: true } in its agent.yaml)"
        }
        var table = Table("DEVICE", "WHAT", "TO", "DESTINATION", "SERVICE", "COUNT", "FIRST", "LAST")
        for flow in flows {
            table.add(
                flow.device,
                [flow.class, flow.vendor ?? "", flow.model ?? ""].filter { !$0.isEmpty }.joined(separator: " "),
                flow.direction,
                flow.destination,
                service(flow),
                String(flow.count),
                Table.time(Timestamp(milliseconds: flow.first)),
                Table.time(Timestamp(milliseconds: flow.last))
            )
        }
        table.show(otherwise: reason)
    }

    /// `443/tcp`; `icmp`; the protocol's number where it has no ports.
    private static func service(_ flow: FlowResource) -> String {
        ["tcp", "udp"].contains(flow.transport) ? "\(flow.port)/\(flow.transport)" : flow.transport
    }
}
