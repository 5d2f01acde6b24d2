internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Storage

/// Gateways, the devices behind them, and what happens there.
enum GatewayRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/gateways", "listGateways", .role(.viewer), list),
        APIRoute(.get, "/api/v1/gateways/{gateway}", "showGateway", .role(.viewer), show),
        APIRoute(.post, "/api/v1/gateways/{gateway}/ban", "banGateway", .role(.operator), ban),
        APIRoute(.post, "/api/v1/gateways/{gateway}/unban", "unbanGateway", .role(.operator), unban),
        APIRoute(.post, "/api/v1/gateways/{gateway}/end-hold", "endGatewayHold", .role(.operator), endHold),
        APIRoute(.get, "/api/v1/devices", "listDevices", .role(.viewer), listDevices),
        APIRoute(.get, "/api/v1/gateways/{gateway}/devices/{device}", "showDevice", .role(.viewer), showDevice),
        APIRoute(
            .post,
            "/api/v1/gateways/{gateway}/devices/{device}/release",
            "releaseDevice",
            .role(.operator),
            releaseDevice
        ),
        APIRoute(.get, "/api/v1/events", "listEvents", .role(.viewer), listEvents),
    ]

    private static func reader(_ call: APIRequest) throws -> FleetReader {
        FleetReader(
            store: call.services.store,
            tenant: try call.caller.tenant,
            nowMilliseconds: call.now,
            banners: call.services.banners
        )
    }

    private static func list(_ call: APIRequest) async throws -> Response {
        var query = GatewayQuery(tenant: try call.caller.tenant, nowMilliseconds: call.now)
        query.site = try call.query("site")
        query.after = try call.query("cursor")
        query.limit = try call.limit()
        let overviews = try await call.services.store.gateways(query)
        let next = overviews.count == query.limit ? overviews.last?.record.key.gateway : nil
        let items = overviews.map { overview in
            var resource = GatewayResource(overview, nowMilliseconds: call.now)
            resource.deductions = nil
            return resource
        }
        return try JSONBody.response(Page(items: items, next: next))
    }

    private static func show(_ call: APIRequest) async throws -> Response {
        try JSONBody.response(try await reader(call).gateway(try call.parameter("gateway")).1)
    }

    /// The key of a gateway that is there.
    private static func key(_ call: APIRequest) async throws -> GatewayKey {
        let key = GatewayKey(tenant: try call.caller.tenant, gateway: try call.parameter("gateway"))
        guard try await call.services.store.gateway(key, nowMilliseconds: call.now) != nil else {
            throw Problem.notFound("gateway \(key.gateway)")
        }
        return key
    }

    private static func ban(_ call: APIRequest) async throws -> Response {
        let key = try await key(call)
        var reason = "banned by \(try call.caller.user)"
        if call.request.headers[.contentType] != nil {
            let body = try await JSONBody.decode(ReasonRequest.self, from: call.request)
            if let words = body.reason, !words.isEmpty { reason = String(words.prefix(200)) }
        }
        try await call.services.operations.ban(key, reason: reason, actor: try call.caller.user)
        return try JSONBody.response(try await reader(call).gateway(key.gateway).1)
    }

    private static func unban(_ call: APIRequest) async throws -> Response {
        let key = try await key(call)
        try await call.services.operations.unban(key, actor: try call.caller.user)
        return try JSONBody.response(try await reader(call).gateway(key.gateway).1)
    }

    private static func endHold(_ call: APIRequest) async throws -> Response {
        let key = try await key(call)
        try await call.services.operations.endHold(key, actor: try call.caller.user)
        return try JSONBody.response(try await reader(call).gateway(key.gateway).1)
    }

    private static func listDevices(_ call: APIRequest) async throws -> Response {
        var query = DeviceQuery(
            tenant: try call.caller.tenant,
            gateway: try call.query("gateway"),
            nowMilliseconds: call.now
        )
        query.deviceClass = try call.query("class")
        query.isQuarantined = try call.query("quarantined").map { text in
            guard let value = Bool(text) else {
                throw Problem.badRequest("quarantined is \(text)", remedy: "use true or false")
            }
            return value
        }
        query.limit = try call.limit()
        if let cursor = try call.query("cursor") {
            // A gateway's identifier has no slash; a device's key may.
            let parts = cursor.split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else {
                throw Problem.badRequest("the cursor is none of ours", remedy: "give the next of the page before")
            }
            query.after = (String(parts[0]), String(parts[1]))
        }
        let overviews = try await call.services.store.devices(query)
        var sites: [String: String] = [:]
        var items: [DeviceResource] = []
        for overview in overviews {
            let key = overview.record.gateway
            if sites[key.gateway] == nil {
                let gateway = try await call.services.store.gateway(key, nowMilliseconds: call.now)
                sites[key.gateway] = gateway?.record.site ?? ""
            }
            items.append(DeviceResource(overview, site: sites[key.gateway] ?? "", isWhole: false))
        }
        let next = items.count == query.limit ? items.last.map { "\($0.gateway)/\($0.key)" } : nil
        return try JSONBody.response(Page(items: items, next: next))
    }

    private static func showDevice(_ call: APIRequest) async throws -> Response {
        try JSONBody.response(
            try await reader(call).device(try call.parameter("device"), gateway: try call.parameter("gateway"))
        )
    }

    private static func releaseDevice(_ call: APIRequest) async throws -> Response {
        let key = GatewayKey(tenant: try call.caller.tenant, gateway: try call.parameter("gateway"))
        let device = try call.parameter("device")
        guard try await call.services.operations.releaseDevice(device, of: key, actor: try call.caller.user) else {
            throw Problem.conflict(
                "gateway \(key.gateway) is not connected, so it cannot be told",
                remedy: "try again when it is connected, or run gatehouse-agent release \(device) on it"
            )
        }
        return Response(status: .accepted)
    }

    private static func listEvents(_ call: APIRequest) async throws -> Response {
        var query = EventQuery(
            tenant: try call.caller.tenant,
            gateway: try call.query("gateway"),
            device: try call.query("device")
        )
        query.kinds = try call.queries("kind").map { text in
            guard let kind = EventKind(rawValue: text) else {
                let words = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem.badRequest("there is no kind \(text)", remedy: "use one of \(words)")
            }
            return kind
        }
        if let text = try call.query("severity") {
            guard let severity = EventResource.severity(for: text) else {
                throw Problem.badRequest(
                    "there is no severity \(text)",
                    remedy: "use one of informational, notice, warning, critical"
                )
            }
            query.minimumSeverity = severity
        }
        if let text = try call.query("since") {
            guard let since = Timestamp(text) else {
                throw Problem.badRequest("since is \(text)", remedy: "use a UTC time like 2026-11-23T09:41:33Z")
            }
            query.sinceMilliseconds = since.milliseconds
        }
        if let text = try call.query("cursor") {
            guard let before = UInt64(text) else {
                throw Problem.badRequest("the cursor is none of ours", remedy: "give the next of the page before")
            }
            query.before = before
        }
        query.limit = try call.limit()
        let events = try await reader(call).events(query)
        let next = events.count == query.limit ? events.last.map { String($0.id) } : nil
        return try JSONBody.response(Page(items: events, next: next))
    }
}
