import CollectorCore
import Logging
import NIOCore
import NetworkTypes
import Storage
import TLS
import WireProtocol

// A new certificate over the connection that the present one opened.
extension AgentConnection {
    func refuseRenewal(_ refusal: AgentSession.RenewalRefusal) {
        services.figures.add(refusal == .tooSoon ? .renewalsRateLimited : .renewalsRefused)
        carryOut([.send(.certificate(RenewalAnswer(refusal: ByteString(utf8: refusal.words))))])
    }

    func renew(_ request: [UInt8]) {
        guard let eventLoop = context?.eventLoop else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let services = self.services
        let gateway = self.gateway
        Task {
            let answer = await services.renew(request, of: gateway)
            eventLoop.execute { bound.value.carryOut(bound.value.session.renewed(answer)) }
        }
    }
}

extension AgentServices {
    /// Issues a certificate for the gateway of a connection, and keeps its end and serial number. It is handed out only
    /// after the store has seen, in the transaction that keeps it, that the gateway is not banned.
    func renew(_ der: [UInt8], of gateway: GatewayKey) async -> RenewalAnswer {
        let now = clock.nowMilliseconds
        do {
            let request = try CertificateRequest(der: der)
            let certificate = try issuer.issue(request, gateway: gateway.gateway, nowMilliseconds: now)
            let summary = CertificateSummary(certificate)
            try await store.recordCertificate(
                summary,
                of: gateway,
                audit: AuditEntry(
                    tenant: gateway.tenant,
                    timeMilliseconds: now,
                    actor: "gateway:\(gateway.gateway)",
                    action: "gateway.renew",
                    subject: gateway.gateway,
                    detail: "certificate \(summary.serialNumber)"
                )
            )
            figures.add(.renewals)
            log.info("gateway \(gateway.gateway) renewed its certificate: \(summary.serialNumber)")
            var answer = RenewalAnswer()
            answer.certificate = ByteString(certificate.der)
            answer.issuer = ByteString(issuer.authority.certificate.der)
            return answer
        } catch {
            figures.add(.renewalsRefused)
            log.warning("gateway \(gateway.gateway) gets no new certificate: \(error)")
            switch error {
            case StoreError.conflict(let why): return RenewalAnswer(refusal: ByteString(utf8: why))
            case let error as TLSError: return RenewalAnswer(refusal: error.what)
            default: return RenewalAnswer(refusal: "the collector cannot issue a certificate now; try again")
            }
        }
    }
}
