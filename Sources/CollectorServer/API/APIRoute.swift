internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird

/// One operation of the API: where it is, who may call it, what it does.
struct APIRoute: Sendable {
    /// Who may call an operation.
    enum Access: Hashable, Sendable {
        /// Everybody, logged in or not.
        case anyone
        /// Everybody who has this role, or one that covers it.
        case role(UserRole)
        /// Everybody who has one of these roles, or one that covers one of them.
        case oneOf([UserRole])

        /// The roles of which one is needed; empty for everybody.
        var roles: [UserRole] {
            switch self {
            case .anyone: return []
            case .role(let role): return [role]
            case .oneOf(let roles): return roles
            }
        }

        /// Whether who has `role` may.
        func allows(_ role: UserRole) -> Bool { roles.isEmpty || roles.contains { role.allows($0) } }

        /// `operator or signer`
        var words: String { roles.map(\.rawValue).joined(separator: " or ") }
    }

    /// The HTTP method.
    let method: HTTPRequest.Method
    /// With parameters in braces: `/api/v1/gateways/{gateway}`.
    let path: String
    /// Its `operationId` in the OpenAPI document.
    let operation: String
    /// Who may call it.
    let access: Access
    /// What it does.
    let handler: @Sendable (APIRequest) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ operation: String,
        _ access: Access,
        _ handler: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.access = access
        self.handler = handler
    }

    /// The method's name: `GET`.
    var verb: String { method.rawValue }

    /// Checks who asks, then does it.
    func respond(_ request: Request, _ context: APIContext, _ services: APIServices) async throws -> Response {
        let call = APIRequest(request: request, context: context, services: services)
        if access != .anyone {
            guard let caller = context.caller else { throw Problem.unauthenticated() }
            guard access.allows(caller.role) else {
                throw Problem.forbidden(role: caller.role.rawValue, needed: access.words)
            }
            try call.checkFormToken(of: caller)
        }
        return try await handler(call)
    }
}
