internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird

/// How well the fleet, a site or a gateway stands.
enum PostureRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/posture", "showPosture", .role(.viewer), fleet),
        APIRoute(.get, "/api/v1/posture/sites/{site}", "showSitePosture", .role(.viewer), site),
        APIRoute(.get, "/api/v1/posture/gateways/{gateway}", "showGatewayPosture", .role(.viewer), gateway),
    ]

    private static func reader(_ call: APIRequest) throws -> FleetReader {
        FleetReader(store: call.services.store, tenant: try call.caller.tenant, nowMilliseconds: call.now)
    }

    private static func fleet(_ call: APIRequest) async throws -> Response {
        let reader = try reader(call)
        return try JSONBody.response(try await reader.posture("fleet", name: nil, of: try await reader.gateways()))
    }

    private static func site(_ call: APIRequest) async throws -> Response {
        let reader = try reader(call)
        let name = try call.parameter("site")
        let gateways = try await reader.gateways(site: name)
        guard !gateways.isEmpty else { throw Problem.notFound("a gateway at site \(name)") }
        return try JSONBody.response(try await reader.posture("site", name: name, of: gateways))
    }

    private static func gateway(_ call: APIRequest) async throws -> Response {
        let reader = try reader(call)
        let id = try call.parameter("gateway")
        let (overview, _) = try await reader.gateway(id)
        return try JSONBody.response(try await reader.posture("gateway", name: id, of: [overview]))
    }
}
