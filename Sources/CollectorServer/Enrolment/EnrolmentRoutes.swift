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
        if let seconds = await limiter.wait(user: "enrolment", address: address, nowMilliseconds: now) {
            figures.add(.enrolmentsRateLimited)
            return refusal(.tooManyRequests, "too many refused enrolments from here; wait \(seconds) seconds")
        }
        guard let credential = credential(of: request) else {
            return refusal(.unauthorized, "no one-time token (HTTP Basic, the token's secret as the password)")
        }
        var collected: ByteBuffer
        do {
            collected = try await request.body.collect(upTo: Self.maximumRequestBytes)
        } catch {
            return refusal(.contentTooLarge, "the request is longer than \(Self.maximumRequestBytes) bytes")
        }
        let body = ByteString(collected.readBytes(length: collected.readableBytes) ?? [])
        guard let der = Base64.decode(body, ignoringLineEnds: true),
            let certificateRequest = try? CertificateRequest(der: der)
        else {
            return refusal(.badRequest, "the body is no PKCS#10 request in base64, or its signature does not hold")
        }
        let issued: IssuedCertificate
        do throws(StoreError) {
            issued = try await store.redeemToken(credential, nowMilliseconds: now) { token in
                try issue(certificateRequest, token, now)
            }
        } catch {
            figures.add(.enrolmentsRefused)
            await limiter.recordFailure(user: "enrolment", address: address, nowMilliseconds: now)
            log.warning("enrolment from \(address) refused: \(error)")
            let audit = AuditEntry(
                timeMilliseconds: now,
                actor: "token:\(credential.id)",
                action: "gateway.enrol.refused",
                subject: address,
                detail: error.description
            )
            do { _ = try await store.appendAudit(audit) } catch { log.error("cannot write the audit log: \(error)") }
            if case .tokenRefused(let why) = error { return refusal(.unauthorized, "\(why.words)") }
            return refusal(.serviceUnavailable, "the collector cannot issue a certificate now; try again")
        }
        figures.add(.enrolments)
        log.info("gateway \(issued.gateway.key.gateway) enrolled from \(address)")
        return try certificates([try Certificate(der: issued.certificate), issuer.authority.certificate])
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

    private func credential(of request: Request) -> TokenCredential? {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("basic "),
            let decoded = Base64.decode(ByteString(utf8: String(header.dropFirst(6)))),
            let colon = decoded.firstIndex(of: 0x3A)
        else { return nil }
        let password = String(decoding: decoded[(colon + 1)...], as: UTF8.self)
        guard let (id, secret) = TokenCredential.split(password) else { return nil }
        return TokenCredential(id: id, secretHash: SecretText.hash(of: secret))
    }

    /// Plain text, for the agent's message and for curl.
    private func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Basic realm=\"Gatehouse enrolment\"" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
