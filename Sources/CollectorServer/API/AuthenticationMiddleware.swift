internal import HTTPTypes
internal import Hummingbird

/// Finds out who asks, from the bearer token or the cookie. Whether he may is for each route to say.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let accounts: Accounts

    @concurrent
    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let bearer = AuthenticationMiddleware.bearer(request) {
            context.caller = try await accounts.caller(bearer: bearer)
        } else if let cookie = SessionCookie.value(in: request) {
            context.caller = try await accounts.caller(cookie: cookie)
        }
        return try await next(request, context)
    }

    private static func bearer(_ request: Request) -> String? {
        guard let value = request.headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingPrefix(while: { $0 == " " }).description
    }
}
