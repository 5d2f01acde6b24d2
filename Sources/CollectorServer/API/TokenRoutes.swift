internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Storage

/// Enrolment tokens.
enum TokenRoutes {
    /// How long a token lasts where nobody says.
    static let standardLifeSeconds: UInt64 = 3600
    /// How long a token may last.
    static let maximumLifeSeconds: UInt64 = 30 * 86_400
    /// Most bytes of a site, label or label's value.
    static let maximumTextBytes = 64
    /// Most labels of a token.
    static let maximumLabels = 16

    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/tokens", "listTokens", .role(.operator), list),
        APIRoute(.post, "/api/v1/tokens", "createToken", .role(.operator), create),
        APIRoute(.delete, "/api/v1/tokens/{token}", "revokeToken", .role(.operator), revoke),
    ]

    private static func list(_ call: APIRequest) async throws -> Response {
        let tokens = try await call.services.store.tokens(tenant: try call.caller.tenant, limit: try call.limit())
        return try JSONBody.response(Page(items: tokens.map { resource($0, nowMilliseconds: call.now) }))
    }

    private static func create(_ call: APIRequest) async throws -> Response {
        let wanted = try await JSONBody.decode(EnrolmentTokenRequest.self, from: call.request)
        try check("site", wanted.site)
        guard !wanted.site.isEmpty else { throw Problem.badRequest("the site is empty", remedy: "name a site") }
        try check("label", wanted.label ?? "")
        for (name, value) in wanted.labels ?? [:] {
            try check("a label's name", name)
            try check("label \(name)", value)
        }
        guard wanted.labels?.count ?? 0 <= maximumLabels else {
            throw Problem.badRequest("there are more than \(maximumLabels) labels")
        }
        let life = wanted.expiresInSeconds ?? standardLifeSeconds
        guard life >= 1, life <= maximumLifeSeconds else {
            throw Problem.badRequest("the token would last \(life) seconds", remedy: "use 1 to \(maximumLifeSeconds)")
        }
        let caller = try call.caller
        let secret = try SecretText()
        let record = TokenRecord(
            tenant: caller.tenant,
            id: secret.id,
            secretHash: secret.hash,
            gatewayName: wanted.label ?? "",
            site: wanted.site,
            labels: wanted.labels ?? [:],
            actor: caller.user,
            createdMilliseconds: call.now,
            expiresMilliseconds: call.now + life * 1000
        )
        let detail = "site \(wanted.site), \(life) seconds"
        try await call.services.store.createToken(
            record,
            audit: call.services.accounts.entry(caller.tenant, caller.user, "token.create", secret.id, detail)
        )
        var answer = resource(record, nowMilliseconds: call.now)
        answer.secret = secret.text
        answer.caSHA256 = call.services.settings.caSHA256
        answer.agentAddress = call.services.settings.agentAddress
        answer.enrolAddress = call.services.settings.enrolAddress
        return try JSONBody.response(answer, status: .created)
    }

    private static func revoke(_ call: APIRequest) async throws -> Response {
        let caller = try call.caller
        let id = try call.parameter("token")
        try await call.services.store.revokeToken(
            id,
            tenant: caller.tenant,
            nowMilliseconds: call.now,
            audit: call.services.accounts.entry(caller.tenant, caller.user, "token.revoke", id, "")
        )
        return Response(status: .noContent)
    }

    private static func check(_ what: String, _ text: String) throws {
        guard text.utf8.count <= maximumTextBytes,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw Problem.badRequest("\(what) is longer than \(maximumTextBytes) bytes or has control characters") }
    }

    private static func resource(_ record: TokenRecord, nowMilliseconds: UInt64) -> EnrolmentTokenResource {
        let state: String
        if record.redeemedMilliseconds != nil {
            state = "used"
        } else if record.revokedMilliseconds != nil {
            state = "revoked"
        } else {
            state = nowMilliseconds >= record.expiresMilliseconds ? "expired" : "open"
        }
        var resource = EnrolmentTokenResource(
            id: record.id,
            site: record.site,
            label: record.gatewayName,
            state: state,
            createdBy: record.actor,
            created: Timestamp(milliseconds: record.createdMilliseconds),
            expires: Timestamp(milliseconds: record.expiresMilliseconds)
        )
        resource.used = record.redeemedMilliseconds.map(Timestamp.init(milliseconds:))
        resource.gateway = record.redeemedBy.isEmpty ? nil : record.redeemedBy
        return resource
    }
}
