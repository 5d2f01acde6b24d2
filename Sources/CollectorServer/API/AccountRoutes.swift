internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Storage

/// Logging in and out, people.
enum AccountRoutes {
    static let all: [APIRoute] = [
        APIRoute(.post, "/api/v1/login", "login", .anyone, login),
        APIRoute(.post, "/api/v1/logout", "logout", .role(.viewer), logout),
        APIRoute(.get, "/api/v1/session", "showSession", .role(.viewer), showSession),
        APIRoute(.get, "/api/v1/people", "listPeople", .role(.admin), listPeople),
        APIRoute(.post, "/api/v1/people", "createPerson", .role(.admin), createPerson),
        APIRoute(.get, "/api/v1/audit", "listAudit", .role(.admin), listAudit),
    ]

    private static func login(_ call: APIRequest) async throws -> Response {
        let login = try await JSONBody.decode(LoginRequest.self, from: call.request)
        let person = try await call.services.accounts.authenticate(login, address: call.context.remoteAddress)
        let label = "login from \(call.context.remoteAddress)"
        return try JSONBody.response(try await call.services.accounts.issueToken(for: person, label: label))
    }

    private static func logout(_ call: APIRequest) async throws -> Response {
        try await call.services.accounts.logOut(try call.caller)
        return Response(status: .noContent)
    }

    private static func showSession(_ call: APIRequest) async throws -> Response {
        let caller = try call.caller
        return try JSONBody.response(
            SessionResource(
                user: caller.user,
                role: caller.role.rawValue,
                expires: Timestamp(milliseconds: caller.expiresMilliseconds)
            )
        )
    }

    private static func listPeople(_ call: APIRequest) async throws -> Response {
        let people = try await call.services.store.users(tenant: try call.caller.tenant)
        return try JSONBody.response(Page(items: people.map(resource)))
    }

    private static func createPerson(_ call: APIRequest) async throws -> Response {
        let wanted = try await JSONBody.decode(PersonRequest.self, from: call.request)
        guard let role = UserRole(rawValue: wanted.role) else {
            let words = UserRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.badRequest("there is no role \(wanted.role)", remedy: "use one of \(words)")
        }
        guard (1...64).contains(wanted.user.utf8.count), wanted.user.utf8.allSatisfy(isLoginByte) else {
            throw Problem.badRequest("the login is not 1 to 64 of a-z 0-9 . _ - @")
        }
        let (person, password) = try await call.services.accounts.createPerson(
            wanted.user,
            role: role,
            by: try call.caller
        )
        var answer = resource(person)
        answer.oneTimePassword = password
        return try JSONBody.response(answer, status: .created)
    }

    private static func listAudit(_ call: APIRequest) async throws -> Response {
        let limit = try call.limit()
        let before = try call.query("cursor").flatMap(UInt64.init)
        let records = try await call.services.store.auditRecords(
            tenant: try call.caller.tenant,
            before: before,
            limit: limit
        )
        let next = records.count == limit ? records.last.map { String($0.sequence) } : nil
        return try JSONBody.response(Page(items: records.map(AuditResource.init), next: next))
    }

    private static func resource(_ person: UserRecord) -> PersonResource {
        PersonResource(
            user: person.name,
            role: person.role.rawValue,
            created: Timestamp(milliseconds: person.createdMilliseconds),
            mustChangePassword: person.mustChangePassword,
            isDisabled: person.disabledMilliseconds != nil
        )
    }

    private static func isLoginByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"):
            return true
        default: return false
        }
    }
}

extension AuditResource {
    init(_ record: AuditRecord) {
        self.init(
            sequence: record.sequence,
            time: Timestamp(milliseconds: record.entry.timeMilliseconds),
            actor: record.entry.actor,
            action: record.entry.action,
            subject: record.entry.subject,
            detail: record.entry.detail
        )
    }
}
