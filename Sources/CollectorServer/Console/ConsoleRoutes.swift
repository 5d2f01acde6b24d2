internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Mustache
internal import NIOCore
internal import Storage

/// The console's pages.
struct ConsoleRoutes: Sendable {
    let services: APIServices
    let library: MustacheLibrary

    /// Adds the console to a router.
    static func add(to router: Router<APIContext>, _ services: APIServices) throws {
        let console = ConsoleRoutes(services: services, library: try ConsoleTemplates.library())
        router.get("/assets/app.css") { _, _ in asset(ConsoleStyle.text, "text/css; charset=utf-8") }
        router.get("/assets/app.js") { _, _ in asset(ConsoleScript.text, "text/javascript; charset=utf-8") }
        router.get("/assets/icon.svg") { _, _ in asset(ConsoleIcon.text, "image/svg+xml") }
        router.get("/favicon.ico") { _, _ in asset(ConsoleIcon.text, "image/svg+xml") }
        router.get("/login") { request, context in try await console.showLogin(request, context) }
        router.post("/login") { request, context in try await console.login(request, context) }
        router.post("/logout") { request, context in try await console.logout(request, context) }
        router.get("/") { request, context in try await console.fleet(request, context) }
        router.get("/gateways/{gateway}") { request, context in try await console.gateway(request, context) }
        router.get("/gateways/{gateway}/devices/{device}") { request, context in
            try await console.device(request, context)
        }
        router.post("/gateways/{gateway}/devices/{device}/release") { request, context in
            try await console.release(request, context)
        }
    }

    private static func asset(_ text: String, _ type: String) -> Response {
        let buffer = ByteBuffer(string: text)
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.contentLength] = String(buffer.readableBytes)
        headers[.cacheControl] = "private, max-age=300"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    func html(_ page: some Sendable, _ template: String, status: HTTPResponse.Status = .ok) throws -> Response {
        guard let text = library.render(page, withTemplate: template) else {
            throw Problem("internal", title: "The collector failed", status: 500, detail: "no template \(template)")
        }
        let buffer = ByteBuffer(string: text)
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentLength] = String(buffer.readableBytes)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    static func redirect(to path: String, cookie: String? = nil) -> Response {
        var headers = HTTPFields()
        headers[.location] = path
        headers[.contentLength] = "0"
        if let cookie { headers[.setCookie] = cookie }
        return Response(status: .seeOther, headers: headers)
    }

    /// The page's work for somebody who is signed in; others are sent to the sign-in page, errors become pages.
    private func signedIn(
        _ request: Request,
        _ context: APIContext,
        isFleet: Bool = false,
        _ work: (APIRequest, Caller, ChromeView) async throws -> Response
    ) async throws -> Response {
        guard let caller = context.caller, case .cookie(_, let formToken) = caller.proof else {
            let next =
                request.method == .get && request.uri.path != "/"
                ? "?next=\(ConsolePath.encoded(request.uri.path))" : ""
            return ConsoleRoutes.redirect(to: "/login\(next)")
        }
        let chrome = ChromeView(user: caller.user, role: caller.role.rawValue, formToken: formToken, isFleet: isFleet)
        do {
            return try await work(APIRequest(request: request, context: context, services: services), caller, chrome)
        } catch let problem as Problem {
            let page = ProblemPage(
                title: problem.title,
                version: services.settings.version,
                chrome: chrome,
                heading: problem.title,
                detail: problem.detail,
                remedy: problem.remedy
            )
            return try html(page, "problem", status: HTTPResponse.Status(code: problem.status))
        }
    }

    private func reader(_ caller: Caller) -> FleetReader {
        FleetReader(
            store: services.store,
            tenant: caller.tenant,
            nowMilliseconds: services.clock.nowMilliseconds,
            banners: services.banners
        )
    }

    private func fleet(_ request: Request, _ context: APIContext) async throws -> Response {
        try await signedIn(request, context, isFleet: true) { call, caller, chrome in
            let reader = reader(caller)
            let gateways = try await reader.gateways()
            let page = FleetPage(
                chrome: chrome,
                version: services.settings.version,
                posture: try await reader.posture("fleet", name: nil, of: gateways),
                gateways: gateways.map { GatewayResource($0, nowMilliseconds: call.now) },
                incidents: try await reader.incidents(limit: FleetPage.incidentLimit)
            )
            return try html(page, "fleet")
        }
    }

    private func gateway(_ request: Request, _ context: APIContext) async throws -> Response {
        try await signedIn(request, context) { call, caller, chrome in
            let reader = reader(caller)
            let id = try call.parameter("gateway")
            let (_, gateway) = try await reader.gateway(id)
            var devices = DeviceQuery(tenant: caller.tenant, gateway: id, nowMilliseconds: call.now)
            devices.limit = GatewayPage.deviceLimit
            var events = EventQuery(tenant: caller.tenant, gateway: id)
            events.limit = GatewayPage.eventLimit
            let page = GatewayPage(
                chrome: chrome,
                version: services.settings.version,
                gateway: gateway,
                devices: try await services.store.devices(devices).map {
                    DeviceResource($0, site: gateway.site, isWhole: false)
                },
                events: try await reader.events(events)
            )
            return try html(page, "gateway")
        }
    }

    private func device(_ request: Request, _ context: APIContext) async throws -> Response {
        try await signedIn(request, context) { call, caller, chrome in
            try html(try await devicePage(call, caller, chrome, flash: nil), "device")
        }
    }

    private func devicePage(
        _ call: APIRequest,
        _ caller: Caller,
        _ chrome: ChromeView,
        flash: NoticeView?
    ) async throws -> DevicePage {
        let reader = reader(caller)
        let id = try call.parameter("gateway")
        let key = try call.parameter("device")
        let device = try await reader.device(key, gateway: id, violations: DevicePage.violationLimit)
        var events = EventQuery(tenant: caller.tenant, gateway: id, device: key)
        events.kinds = EventKind.allCases.filter { $0 != .violation }
        events.limit = DevicePage.eventLimit
        let gateway = try await reader.gateway(id).1
        return DevicePage(
            chrome: chrome,
            version: services.settings.version,
            device: device,
            gatewayName: gateway.name,
            mayRelease: caller.role.allows(.operator),
            flash: flash,
            events: try await reader.events(events),
            flows: try await flows(of: device, gateway, reader, caller)
        )
    }

    private func flows(
        of device: DeviceResource,
        _ gateway: GatewayResource,
        _ reader: FleetReader,
        _ caller: Caller
    ) async throws -> FlowSection {
        guard FlowRoutes.access.allows(caller.role) else { return FlowSection(note: FlowSection.notAllowed) }
        var query = FlowQuery(gateway: GatewayKey(tenant: caller.tenant, gateway: gateway.id), device: device.key)
        query.limit = DevicePage.flowLimit
        return FlowSection(try await reader.flows(query).items, isReported: gateway.reportsFlows == true)
    }

    private func release(_ request: Request, _ context: APIContext) async throws -> Response {
        try await signedIn(request, context) { call, caller, chrome in
            let form = try await FormBody(request)
            try call.checkFormToken(of: caller, given: form["form"])
            guard caller.role.allows(.operator) else {
                throw Problem.forbidden(role: caller.role.rawValue, needed: UserRole.operator.rawValue)
            }
            let id = try call.parameter("gateway")
            let key = try call.parameter("device")
            let gateway = GatewayKey(tenant: caller.tenant, gateway: id)
            guard try await services.operations.releaseDevice(key, of: gateway, actor: caller.user) else {
                let flash = NoticeView(
                    tone: "warn",
                    text: "The gateway is not connected: try again when it is.",
                    detail: ""
                )
                return try html(try await devicePage(call, caller, chrome, flash: flash), "device", status: .conflict)
            }
            return ConsoleRoutes.redirect(to: ConsolePath.device(key, gateway: id))
        }
    }
}
