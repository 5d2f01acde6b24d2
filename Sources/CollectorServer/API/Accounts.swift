internal import CollectorAPI
internal import CollectorCore
internal import Storage

/// Logins: passwords, sessions of the console, tokens for programs.
struct Accounts: Sendable {
    /// How long a token that a login gave lasts.
    static let tokenMilliseconds: UInt64 = 30 * 86_400 * 1000

    let store: any CollectorStore
    let clock: WallClock
    /// How long a session of the console lasts.
    let sessionMilliseconds: UInt64
    let limiter = LoginLimiter()
    private let passwords = PasswordGate()

    init(store: any CollectorStore, clock: WallClock, sessionMilliseconds: UInt64) {
        self.store = store
        self.clock = clock
        self.sessionMilliseconds = sessionMilliseconds
    }

    /// The person, once name and password are right; sets the new password where one is given, and demands one where
    /// the password was a one-time one. Wrong names and wrong passwords cannot be told apart, by time neither.
    func authenticate(_ login: LoginRequest, address: String) async throws -> UserRecord {
        let now = clock.nowMilliseconds
        if let seconds = await limiter.wait(user: login.user, address: address, nowMilliseconds: now) {
            throw Problem(
                "too-many-logins",
                title: "Too many failed logins",
                status: 429,
                detail: "too many logins of this user or from this address failed",
                remedy: "wait \(seconds) seconds"
            )
        }
        let found = try await store.user(login.user)
        let matches = await passwords.verify(login.password, found?.passwordHash)
        guard var person = found, matches, person.disabledMilliseconds == nil else {
            await limiter.recordFailure(user: login.user, address: address, nowMilliseconds: now)
            try await audit(found?.tenant, actor: "anonymous", "login.failed", login.user, "from \(address)")
            throw Problem(
                "login-failed",
                title: "The login failed",
                status: 401,
                detail: "the user or the password is wrong",
                remedy: "check both; an administrator can make a new one-time password"
            )
        }
        if let newPassword = login.newPassword {
            try await change(&person, old: login.password, new: newPassword)
        } else if person.mustChangePassword {
            throw Problem(
                "password-change-required",
                title: "The password must be changed",
                status: 403,
                detail: "the password of \(person.name) is a one-time password",
                remedy: "send a new one with it: gatehousectl login --new-password-file FILE"
            )
        }
        await limiter.recordSuccess(user: login.user)
        return person
    }

    private func change(_ person: inout UserRecord, old: String, new: String) async throws {
        if let fault = PasswordHash.fault(of: new, user: person.name) ?? (new == old ? "it is the old one" : nil) {
            throw Problem(
                "weak-password",
                title: "The new password cannot be taken",
                status: 422,
                detail: "the new password cannot be taken: \(fault)",
                remedy: "choose one of \(PasswordHash.minimumLength) characters or more"
            )
        }
        person.passwordHash = try await passwords.make(new)
        person.mustChangePassword = false
        try await store.updateUser(person, audit: entry(person.tenant, person.name, "password.change", person.name, ""))
    }

    /// A token for programs. Its text is in the answer alone.
    func issueToken(for person: UserRecord, label: String) async throws -> LoginResponse {
        let secret = try SecretText()
        let now = clock.nowMilliseconds
        let token = APITokenRecord(
            id: secret.id,
            secretHash: secret.hash,
            tenant: person.tenant,
            user: person.name,
            role: person.role,
            label: label,
            createdMilliseconds: now,
            expiresMilliseconds: now + Accounts.tokenMilliseconds
        )
        try await store.createAPIToken(
            token,
            audit: entry(person.tenant, person.name, "api-token.create", secret.id, label)
        )
        return LoginResponse(
            token: secret.text,
            expires: Timestamp(milliseconds: token.expiresMilliseconds),
            user: person.name,
            role: person.role.rawValue
        )
    }

    /// A session of the console: the cookie's value.
    func beginSession(for person: UserRecord, address: String) async throws -> String {
        let secret = try SecretText()
        let now = clock.nowMilliseconds
        try await store.createSession(
            SessionRecord(
                secretHash: secret.hash,
                tenant: person.tenant,
                user: person.name,
                formToken: try SecretText().secret,
                createdMilliseconds: now,
                expiresMilliseconds: now + sessionMilliseconds
            )
        )
        try await audit(person.tenant, actor: person.name, "login", person.name, "console, from \(address)")
        return secret.secret
    }

    /// Who a bearer token stands for; nil where it is none, has ended or was revoked.
    func caller(bearer text: String) async throws(StoreError) -> Caller? {
        guard let (id, secret) = TokenCredential.split(text), let token = try await store.apiToken(id),
            ConstantTime.areEqual(token.secretHash, SecretText.hash(of: secret)),
            token.revokedMilliseconds == nil, token.expiresMilliseconds > clock.nowMilliseconds,
            let person = try await store.user(token.user), person.disabledMilliseconds == nil
        else { return nil }
        // A person who lost rights takes them from his tokens too.
        let role = person.role.allows(token.role) ? token.role : token.role.allows(person.role) ? person.role : .viewer
        return Caller(
            tenant: person.tenant,
            user: person.name,
            role: role,
            expiresMilliseconds: token.expiresMilliseconds,
            proof: .bearer(id: id)
        )
    }

    /// Who a cookie stands for; nil where its session is none or has ended.
    func caller(cookie secret: String) async throws(StoreError) -> Caller? {
        guard secret.utf8.count <= TokenCredential.maximumLength else { return nil }
        let hash = SecretText.hash(of: Array(secret.utf8))
        guard let session = try await store.session(hash, nowMilliseconds: clock.nowMilliseconds),
            let person = try await store.user(session.user), person.disabledMilliseconds == nil
        else { return nil }
        return Caller(
            tenant: person.tenant,
            user: person.name,
            role: person.role,
            expiresMilliseconds: session.expiresMilliseconds,
            proof: .cookie(secretHash: hash, formToken: session.formToken)
        )
    }

    /// Ends the session or revokes the token that the caller came with.
    func logOut(_ caller: Caller) async throws {
        switch caller.proof {
        case .cookie(let hash, _):
            try await store.endSession(hash)
            try await audit(caller.tenant, actor: caller.user, "logout", caller.user, "console")
        case .bearer(let id):
            try await store.revokeAPIToken(
                id,
                nowMilliseconds: clock.nowMilliseconds,
                audit: entry(caller.tenant, caller.user, "api-token.revoke", id, "logged out")
            )
        }
    }

    /// A new person and the one-time password.
    func createPerson(_ name: String, role: UserRole, by caller: Caller) async throws -> (UserRecord, String) {
        let password = try SecretText().secret.prefix(24)
        let person = UserRecord(
            tenant: caller.tenant,
            name: name,
            role: role,
            passwordHash: try await passwords.make(String(password)),
            mustChangePassword: true,
            createdMilliseconds: clock.nowMilliseconds
        )
        try await store.createUser(person, audit: entry(caller.tenant, caller.user, "user.create", name, role.rawValue))
        return (person, String(password))
    }

    func entry(_ tenant: String, _ actor: String, _ action: String, _ subject: String, _ detail: String) -> AuditEntry {
        AuditEntry(
            tenant: tenant,
            timeMilliseconds: clock.nowMilliseconds,
            actor: actor,
            action: action,
            subject: subject,
            detail: detail
        )
    }

    private func audit(
        _ tenant: String?,
        actor: String,
        _ action: String,
        _ subject: String,
        _ detail: String
    ) async throws(StoreError) {
        let subject = String(subject.prefix(64))
        _ = try await store.appendAudit(entry(tenant ?? TenantName.standard, actor, action, subject, detail))
    }
}
