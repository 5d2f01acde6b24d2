internal import CollectorAPI
internal import CollectorCore
internal import Hummingbird
internal import NetworkTypes
internal import Storage

/// Where devices' connections led. Whom a camera talks with says more of those who use it than the posture needs: only who
/// runs the gateways, or makes their policies, may read it.
enum FlowRoutes {
    static let access = APIRoute.Access.oneOf([.operator, .signer])

    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/gateways/{gateway}/flows", "listGatewayFlows", access, ofGateway),
        APIRoute(.get, "/api/v1/gateways/{gateway}/devices/{device}/flows", "listDeviceFlows", access, ofDevice),
    ]

    private static func ofGateway(_ call: APIRequest) async throws -> Response {
        try await page(call, device: nil)
    }

    private static func ofDevice(_ call: APIRequest) async throws -> Response {
        try await page(call, device: try call.parameter("device"))
    }

    private static func page(_ call: APIRequest, device: String?) async throws -> Response {
        let gateway = GatewayKey(tenant: try call.caller.tenant, gateway: try call.parameter("gateway"))
        var query = FlowQuery(gateway: gateway, device: device)
        query.limit = try call.limit()
        if let cursor = try call.query("cursor") {
            guard let after = DeviceFlowKey(cursor: cursor) else {
                throw Problem.badRequest("the cursor is none of ours", remedy: "give the next of the page before")
            }
            query.after = after
        }
        let reader = FleetReader(store: call.services.store, tenant: gateway.tenant, nowMilliseconds: call.now)
        let (records, items) = try await reader.flows(query)
        let next = records.count == query.limit ? records.last?.key.cursor : nil
        return try JSONBody.response(Page(items: items, next: next))
    }
}

extension DeviceFlowKey {
    /// Its parts with slashes between them. The destination stands last: a name may have slashes, the others have none.
    var cursor: String { "\(device)/\(direction.rawValue)/\(transport.rawValue)/\(port)/\(destination)" }

    init?(cursor: String) {
        let parts = cursor.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let direction = UInt8(parts[1]).flatMap(FlowDirection.init(rawValue:)),
            let transport = UInt8(parts[2]), let port = UInt16(parts[3])
        else { return nil }
        self.init(
            device: String(parts[0]),
            direction: direction,
            destination: String(parts[4]),
            transport: TransportProtocol(rawValue: transport),
            port: port
        )
    }
}
