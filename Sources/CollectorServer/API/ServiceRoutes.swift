internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Storage

/// What monitoring asks. Figures here name no gateway, device or person, so they need no login.
enum ServiceRoutes {
    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/openapi.json", "showOpenAPI", .anyone, openAPI),
        APIRoute(.get, "/metrics", "showMetrics", .anyone, metrics),
        APIRoute(.get, "/healthz", "showHealth", .anyone, health),
        APIRoute(.get, "/readyz", "showReadiness", .anyone, readiness),
    ]

    private static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        let buffer = ByteBuffer(string: text)
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.contentLength] = String(buffer.readableBytes)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    private static func openAPI(_ call: APIRequest) async throws -> Response {
        text(OpenAPIDocument.text, type: "application/json")
    }

    private static func health(_ call: APIRequest) async throws -> Response {
        text("ok\n", type: "text/plain; charset=utf-8")
    }

    private static func readiness(_ call: APIRequest) async throws -> Response {
        do {
            try await call.services.store.checkHealth()
        } catch {
            context(call, "not ready: \(error)")
            return text("the store does not work\n", type: "text/plain; charset=utf-8", status: .serviceUnavailable)
        }
        return text("ready\n", type: "text/plain; charset=utf-8")
    }

    private static func context(_ call: APIRequest, _ words: String) { call.context.logger.error("\(words)") }

    /// Text format of Prometheus 0.0.4.
    private static func metrics(_ call: APIRequest) async throws -> Response {
        var lines: [String] = []
        func add(_ name: String, _ help: String, isGauge: Bool, _ value: String) {
            lines.append("# HELP \(name) \(help)")
            lines.append("# TYPE \(name) \(isGauge ? "gauge" : "counter")")
            lines.append("\(name) \(value)")
        }
        for figure in CollectorFigures.Figure.allCases {
            add(figure.name, figure.help, isGauge: figure.isGauge, String(call.services.figures.value(figure)))
        }
        let reader = FleetReader(
            store: call.services.store,
            tenant: TenantName.standard,
            nowMilliseconds: call.now
        )
        let posture = try await reader.posture("fleet", name: nil, of: try await reader.gateways())
        add("gatehouse_gateways", "Gateways that are enrolled.", isGauge: true, String(posture.gateways))
        add(
            "gatehouse_gateways_proved",
            "Gateways whose kernel is proved to hold their policy.",
            isGauge: true,
            String(posture.provedGateways)
        )
        add("gatehouse_devices", "Devices that are known.", isGauge: true, String(posture.devices))
        add(
            "gatehouse_devices_identified",
            "Devices whose class is known.",
            isGauge: true,
            String(posture.identifiedDevices)
        )
        add(
            "gatehouse_devices_quarantined",
            "Devices in quarantine.",
            isGauge: true,
            String(posture.quarantinedDevices)
        )
        if let score = posture.score {
            add("gatehouse_posture_score", "Posture of the fleet, 0 to 100.", isGauge: true, String(score))
        }
        add(
            "gatehouse_logins_refused_total",
            "Logins refused because too many failed before.",
            isGauge: false,
            String(await call.services.accounts.limiter.refusedCount)
        )
        add(
            "gatehouse_stream_listeners",
            "Pages and programs that listen to changes.",
            isGauge: true,
            String(call.services.feed.listenerCount)
        )
        lines.append("# HELP gatehouse_build_info The collector's version.")
        lines.append("# TYPE gatehouse_build_info gauge")
        lines.append("gatehouse_build_info{version=\"\(call.services.settings.version)\"} 1")
        return text(lines.joined(separator: "\n") + "\n", type: "text/plain; version=0.0.4; charset=utf-8")
    }
}
