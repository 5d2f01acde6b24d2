import AgentCore
import NetworkTypes
import SystemIO
import TLS
import WireProtocol

// The gateway's certificate is renewed while it is good (DESIGN §5): a new key, a certificate for it over the open
// connection, and a connection with both that must be welcomed before the old pair is let go.
extension AgentRuntime {
    /// What to do about a certificate that has ended.
    static let expiredAdvice: ByteString =
        "the collector takes no connection with it; enrol anew (gatehouse-agent enroll --token-file FILE) and restart"

    /// Credentials are in force from now on.
    func adopt(_ credentials: Credentials) {
        self.credentials = credentials
        renewal = Renewal(of: credentials.validity, entropy: entropy())
    }

    /// Tells the core what happened, and does what it decides.
    func renew(_ event: Renewal.Event) {
        switch renewal?.handle(event, now: now, entropy: entropy()) {
        case nil: return
        case .ask: askForCertificate()
        case .prove: proveCredentials()
        case .abandon(let reason, let failures): abandonRenewal(reason, failures: failures)
        case .sayExpired:
            let end = renewal?.validity.notAfterMilliseconds ?? 0
            log.error("the gateway's certificate ended \(Text.time(end)): \(AgentRuntime.expiredAdvice)")
        }
    }

    private func askForCertificate() {
        do throws(TLSError) {
            let key = try PrivateKey.generate()
            var request = RenewalRequest()
            let name = record?.gatewayID ?? ""
            request.request = ByteString(try CertificateRequest.make(key: key, commonName: name).der)
            pendingKey = key
            connection?.send(AgentMessage.renew(request).encoded())
            watchConnection()
        } catch {
            renew(.failed(error.what))
        }
    }

    /// The collector's answer. A certificate is looked at before anything is written or tried.
    func receiveCertificate(_ answer: RenewalAnswer) {
        guard let key = pendingKey, let credentials else { return }
        guard answer.refusal.isEmpty else {
            renew(.answered(fault: "the collector refused: \(answer.refusal)"))
            return
        }
        do throws(TLSError) {
            let leaf = try Certificate(der: answer.certificate.bytes)
            let issuer = credentials.authorities.first { $0.der == answer.issuer.bytes }
            let made = Credentials(
                key: key,
                chain: CertificateChain(leaf: leaf, authorities: issuer.map { [$0] } ?? []),
                authorities: credentials.authorities
            )
            let found = RenewedCertificate(
                matchesKey: leaf.matches(key),
                isIssuedByAuthority: issuer.map { leaf.isIssued(by: $0) } ?? false,
                names: leaf.uris,
                validity: made.validity
            )
            pendingCredentials = made
            renew(.answered(fault: found.fault(inPlaceOf: credentials.chain.leaf.uris, now: now)))
        } catch {
            renew(.answered(fault: error.what))
        }
    }

    /// Writes the new pair down, then opens a connection with it beside the one that is open.
    private func proveCredentials() {
        guard let pending = pendingCredentials, let address = connection?.address else {
            renew(.failed("the connection ended before the new certificate could be tried"))
            return
        }
        do throws(Failure) {
            let text: ByteString
            do throws(TLSError) { text = try pending.pem() } catch { throw Failure(error) }
            try state.write(text.bytes, to: state.pendingCredentials)
            candidate = try open(address, token: Token.candidate, with: pending)
        } catch {
            renew(.failed(error.message))
        }
    }

    func advanceCandidate() {
        guard let made = candidate else { return }
        for event in made.advance() where made === candidate || made === connection {
            switch event {
            // What follows the welcome is for the connection that it has become.
            case _ where made === connection: take(event)
            case .opened: made.send(AgentMessage.hello(hello()).encoded())
            case .message(.welcome):
                replaceConnection(made)
                take(event)
            case .closed(let reason):
                renew(.failed("the connection with the new certificate failed: \(reason)"))
            case .heard, .message: break
            }
        }
        if made === candidate { watch(made, Token.candidate) } else { watchConnection() }
    }

    /// The new pair is proved: from here on it is the one in force, and its connection the uplink.
    private func replaceConnection(_ made: UplinkConnection) {
        if let connection { loop.remove(connection.stream.descriptor) }
        connection = made
        candidate = nil
        endResolution()
        _ = uplink.handle(.replaced, now: now)
        do throws(SystemError) { try FileSystem.move(state.pendingCredentials, over: state.credentials) } catch {
            // The pair on the disk is good until its end, and the next renewal tries again.
            log.error("the renewed certificate is not on the disk: \(error.byteString)")
        }
        if let pending = pendingCredentials { adopt(pending) }
        forgetPending()
        counters.renewals += 1
        log.info("certificate renewed, until \(Text.time(renewal?.validity.notAfterMilliseconds ?? 0))")
    }

    private func abandonRenewal(_ reason: ByteString, failures: UInt64) {
        if let candidate { loop.remove(candidate.stream.descriptor) }
        candidate = nil
        forgetPending()
        removePending()
        counters.renewalsFailed += 1
        let text: ByteString = "the certificate was not renewed, the present one goes on: \(reason)"
        log.warning(text)
        var incident = IncidentReport()
        incident.kind = "renewal"
        incident.summary = text
        incident.count = failures
        report(.warning, .incident(incident))
        // The collector may have ended the uplink for the connection that failed now.
        if connection == nil, uplink.isOpen { disconnect(reason) }
    }

    private func forgetPending() {
        pendingKey = nil
        pendingCredentials = nil
    }

    /// A pair that was never proved is of no use any more.
    func removePending() {
        guard FileSystem.exists(state.pendingCredentials) else { return }
        do throws(SystemError) { try FileSystem.remove(state.pendingCredentials) } catch { log.error(error.byteString) }
    }
}
