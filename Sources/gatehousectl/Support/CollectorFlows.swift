import CollectorAPI
import FlowPlanning
import Foundation
import NetworkTypes
import Policy

/// The flows that gateways reported, from the collector.
enum CollectorFlows {
    /// Most gateways that are asked for.
    static let maximumGateways = 20_000
    /// Most flows of one gateway: the collector keeps fewer.
    static let maximumCount = 100_000

    /// All flows of a path of the API.
    static func fetch(_ path: String, _ client: CollectorClient) throws(ControlError) -> [FlowResource] {
        try client.list(FlowResource.self, path, limit: maximumCount)
    }

    /// One JSON object a line, as `gatehouse-agent flows -o json` prints them.
    static func lines(_ flows: [FlowResource]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for flow in flows {
            bytes += try encoder.encode(flow)
            bytes.append(0x0A)
        }
        return bytes
    }

    /// The flows of all gateways, or of those of a site; a `*` may stand at its end.
    static func read(site: String?) throws -> [RecordedFlow] {
        let client = try CollectorClient.fromProfile()
        var flows: [RecordedFlow] = []
        for gateway in try client.list(GatewayResource.self, "/api/v1/gateways", limit: maximumGateways) {
            if let site, !TextPattern.matches(ByteString(utf8: site), ByteString(utf8: gateway.site)) { continue }
            let reported = try lines(try fetch(GatewayCommand.path(gateway.id) + "/flows", client))
            do throws(FlowFileError) {
                flows += try RecordedFlow.read(reported)
            } catch {
                throw ControlError(.badData, "flow \(error.line) of gateway \(gateway.id): \(error.message)")
            }
        }
        return flows
    }
}
