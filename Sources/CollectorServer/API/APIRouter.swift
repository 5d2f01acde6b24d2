internal import HTTPTypes
public import Hummingbird

/// The router of the HTTPS listener: API and console. EST adds its own routes to the same router.
public enum APIRouter {
    /// Every operation of the API.
    static let routes: [APIRoute] =
        AccountRoutes.all + TokenRoutes.all + GatewayRoutes.all + FlowRoutes.all + PolicyRoutes.all
        + SignedFileRoutes.all + BlocklistRoutes.all + PostureRoutes.all + StreamRoutes.all + ServiceRoutes.all

    /// A router with the middleware that every route of the listener passes, API and console. Throws where a template
    /// of the console cannot be compiled.
    public static func make(_ services: APIServices) throws -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: AuthenticationMiddleware(accounts: services.accounts))
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await route.respond(request, context, services)
            }
        }
        try ConsoleRoutes.add(to: router, services)
        return router
    }
}
