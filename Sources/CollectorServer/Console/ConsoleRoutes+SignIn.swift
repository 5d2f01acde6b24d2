internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import TLS

extension ConsoleRoutes {
    /// Binds the sign-in form to the browser that loaded it, before there is a session: a cookie and a field that must
    /// be the same (a forged form could otherwise sign a victim in as somebody else).
    private static let formCookie = "__Host-gatehouse-form"

    func showLogin(_ request: Request, _ context: APIContext) async throws -> Response {
        let next = ConsolePath.safe(request.uri.queryParameters["next"].map(String.init))
        if context.caller != nil { return ConsoleRoutes.redirect(to: next) }
        return try signIn(SignInPage(next: next, formToken: try SecretText().secret), status: .ok)
    }

    private func signIn(_ page: SignInPage, status: HTTPResponse.Status) throws -> Response {
        var response = try html(page, "login", status: status)
        response.headers[.setCookie] =
            "\(ConsoleRoutes.formCookie)=\(page.formToken); Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600"
        return response
    }

    func login(_ request: Request, _ context: APIContext) async throws -> Response {
        let form = try await FormBody(request)
        let next = ConsolePath.safe(form["next"])
        let user = form["user"] ?? ""
        let expected = SessionCookie.value(in: request, named: ConsoleRoutes.formCookie) ?? ""
        let formToken = try SecretText().secret
        guard !expected.isEmpty,
            Cryptography.constantTimeEqual(Array(expected.utf8), Array((form["form"] ?? "").utf8))
        else {
            let fault = "This form is too old. Please try again."
            return try signIn(
                SignInPage(next: next, formToken: formToken, user: user, fault: fault),
                status: .forbidden
            )
        }
        let newPassword = form["newPassword"].flatMap { $0.isEmpty ? nil : $0 }
        if let newPassword, newPassword != form["repeatPassword"] {
            let page = SignInPage(
                next: next,
                formToken: formToken,
                user: user,
                fault: "The two new passwords are not the same.",
                mustChange: true
            )
            return try signIn(page, status: .unprocessableContent)
        }
        do {
            let person = try await services.accounts.authenticate(
                LoginRequest(user: user, password: form["password"] ?? "", newPassword: newPassword),
                address: context.remoteAddress
            )
            let secret = try await services.accounts.beginSession(for: person, address: context.remoteAddress)
            let age = services.accounts.sessionMilliseconds / 1000
            return ConsoleRoutes.redirect(
                to: next,
                cookie: SessionCookie.header(secret, maximumAgeSeconds: age)
            )
        } catch let problem as Problem {
            let mustChange = problem.word == "password-change-required" || newPassword != nil
            let isFirst = problem.word == "password-change-required"
            let fault = isFirst ? nil : problem.detail.prefix(1).uppercased() + problem.detail.dropFirst() + "."
            let page = SignInPage(next: next, formToken: formToken, user: user, fault: fault, mustChange: mustChange)
            return try signIn(page, status: HTTPResponse.Status(code: problem.status))
        }
    }

    func logout(_ request: Request, _ context: APIContext) async throws -> Response {
        if let caller = context.caller {
            let form = try await FormBody(request)
            let call = APIRequest(request: request, context: context, services: services)
            try call.checkFormToken(of: caller, given: form["form"])
            try await services.accounts.logOut(caller)
        }
        return ConsoleRoutes.redirect(to: "/login", cookie: SessionCookie.header("", maximumAgeSeconds: 0))
    }
}
