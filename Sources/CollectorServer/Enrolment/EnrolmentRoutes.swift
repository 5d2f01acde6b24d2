internal import CollectorCore
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NetworkTypes
internal import Storage
internal import TLS
internal import WireProtocol

/// Enrolment over Secure Transport (RFC 7030) on the HTTPS listener: `cacerts` for everybody, `simpleenroll` for who
/// holds a one-time token, given as the password of HTTP Basic authentication (§3.2.3).
struct EnrolmentRoutes: Sendable {
    /// Most bytes of a request's body: a PKCS#10 in base64.
    static let maximumRequestBytes = 32 << 10

    let issuer: CertificateIssuer
    let store: any CollectorStore
    let figures: CollectorFigures
    let clock: WallClock
    let log: Logger
    private let limiter = LoginLimiter()

    init(
        issuer: CertificateIssuer,
        store: any CollectorStore,
        figures: CollectorFigures,
        clock: WallClock,
        log: Logger
    ) {
        self.issuer = issuer
        self.store = store
        self.figures = figures
        self.clock = clock
        self.log = log
    }

    func add(to router: Router<APIContext>) {
        router.get("/.well-known/est/cacerts") { _, _ in try certificates([issuer.authority.certificate]) }
        router.post("/.well-known/est/simpleenroll") { request, context in try await enrol(request, context) }
    }

    /// A certs-only CMS message in base64 (RFC 7030 §4.1.3; RFC 8951 §3: lines of any length).
    private func certificates(_ list: [Certificate]) throws -> Response {
        let body = Base64.encode(try CertificatesOnlyMessage.encode(list)).bytes
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/pkcs7-mime; smime-type=certs-only",
                .init("content-transfer-encoding") ?? .contentType: "base64",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private func enrol(_ request: Request, _ context: APIContext) async throws -> Response {
        let address = context.remoteAddress
        let now = clock.nowMilliseconds
        // By address alone: a count over all of them would let anybody keep every gateway out.
        if let seconds = await limiter.wait(user: nil, address: address, nowMilliseconds: now) {
            figures.add(.enrolmentsRateLimited)
            let words = "too many refused enrolments from here; wait \(seconds) seconds"
            return answer(.tooManyRequests, words, [.retryAfter: String(seconds)])
        }
        // Not a refusal yet: a client may ask for the challenge first (RFC 7235 §2.1).
        guard let authorization = request.headers[.authorization] else { return answer(.unauthorized, Self.challenge) }
        let attempt = Attempt(address: address, nowMilliseconds: now, credential: credential(in: authorization))
        guard let credential = attempt.credential else {
            return await refuse(attempt, .unauthorized, Self.challenge)
        }
        var collected: ByteBuffer
        do {
            collected = try await request.body.collect(upTo: Self.maximumRequestBytes)
        } catch {
            let words = "the request is longer than \(Self.maximumRequestBytes) bytes"
            return await refuse(attempt, .contentTooLarge, words)
        }
        let body = ByteString(collected.readBytes(length: collected.readableBytes) ?? [])
        guard let der = Base64.decode(body, ignoringLineEnds: true),
            let certificateRequest = try? CertificateRequest(der: der)
        else {
            let words = "the body is no PKCS#10 request in base64, or its signature does not hold"
            return await refuse(attempt, .badRequest, words)
        }
        let issued: IssuedCertificate
        do throws(StoreError) {
            issued = try await store.redeemToken(credential, nowMilliseconds: now) { token in
                try issue(certificateRequest, token, now)
            }
        } catch {
            if case .tokenRefused(let why) = error { return await refuse(attempt, .unauthorized, why.words) }
            log.error("cannot enrol a gateway from \(address): \(error)")
            return answer(.serviceUnavailable, "the collector cannot issue a certificate now; try again")
        }
        figures.add(.enrolments)
        log.info("gateway \(issued.gateway.key.gateway) enrolled from \(address)")
        // RFC 7030 §4.2.3: only the certificate that was issued; cacerts has the authority's.
        return try certificates([try Certificate(der: issued.certificate)])
    }

    private static let challenge = "no one-time token (HTTP Basic, the token's secret as the password)"

    /// Who tries to enrol.
    private struct Attempt {
        let address: String
        let nowMilliseconds: UInt64
        let credential: TokenCredential?
    }

    /// Counts a refusal, writes it to the audit log, and slows the address down.
    private func refuse(_ attempt: Attempt, _ status: HTTPResponse.Status, _ words: String) async -> Response {
        figures.add(.enrolmentsRefused)
        log.warning("enrolment from \(attempt.address) refused: \(words)")
        await audit(attempt, "gateway.enrol.refused", words)
        let isLast = await limiter.recordFailure(
            user: nil,
            address: attempt.address,
            nowMilliseconds: attempt.nowMilliseconds
        )
        if isLast { await audit(attempt, "gateway.enrol.limited", "too many refused enrolments; no more for a while") }
        return answer(status, words)
    }

    private func audit(_ attempt: Attempt, _ action: String, _ words: String) async {
        let entry = AuditEntry(
            timeMilliseconds: attempt.nowMilliseconds,
            actor: attempt.credential.map { "token:\($0.id)" } ?? "anonymous",
            action: action,
            subject: attempt.address,
            detail: words
        )
        do { _ = try await store.appendAudit(entry) } catch { log.error("cannot write the audit log: \(error)") }
    }

    /// The gateway that a token makes, and its certificate. The name comes from the collector, never from the request.
    private func issue(
        _ request: CertificateRequest,
        _ token: TokenRecord,
        _ nowMilliseconds: UInt64
    ) throws -> IssuedCertificate {
        let suffix = Hexadecimal.encode(try Cryptography.randomBytes(4)).text
        let stem = token.gatewayName.isEmpty ? "gateway" : token.gatewayName
        let name = "\(stem)-\(suffix)".lowercased()
        let id = GatewayName.isValid(name) ? name : "gateway-\(suffix)"
        let certificate = try issuer.issue(request, gateway: id, nowMilliseconds: nowMilliseconds)
        var gateway = GatewayRecord(
            key: GatewayKey(tenant: token.tenant, gateway: id),
            name: token.gatewayName.isEmpty ? id : token.gatewayName
        )
        gateway.site = token.site
        gateway.labels = token.labels
        gateway.enrolledMilliseconds = nowMilliseconds
        gateway.certificate = CertificateSummary(certificate)
        return IssuedCertificate(gateway: gateway, certificate: certificate.der)
    }

    private func credential(in header: String) -> TokenCredential? {
        guard header.lowercased().hasPrefix("basic "),
            let decoded = Base64.decode(ByteString(utf8: String(header.dropFirst(6)))),
            let colon = decoded.firstIndex(of: 0x3A)
        else { return nil }
        let password = String(decoding: decoded[(colon + 1)...], as: UTF8.self)
        guard let (id, secret) = TokenCredential.split(password) else { return nil }
        return TokenCredential(id: id, secretHash: SecretText.hash(of: secret))
    }

    /// Plain text, for the agent's message and for curl.
    private func answer(_ status: HTTPResponse.Status, _ text: String, _ more: HTTPFields = [:]) -> Response {
        var headers = more
        headers[.contentType] = "text/plain; charset=utf-8"
        if status == .unauthorized { headers[.wwwAuthenticate] = "Basic realm=\"Gatehouse enrolment\"" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
