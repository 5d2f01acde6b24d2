import ConfigurationFiles
import NetworkTypes
import SystemIO
import TLS
import WireProtocol

/// Redeems a one-time token for a certificate, by EST (RFC 7030 §4.1, §4.2).
struct Enrolment {
    let state: StateDirectory
    let token: EnrolmentToken

    /// The whole of it: authority, key, request, certificate, all written or nothing.
    func run(hostname: ByteString) throws(Failure) -> EnrolmentRecord {
        let authority = try fetchAuthority()
        do throws(TLSError) {
            let key = try PrivateKey.generate()
            let request = try CertificateRequest.make(key: key, commonName: hostname.isEmpty ? "gateway" : hostname)
            let context = try TLSContext.client(trustedCA: [authority], minimumVersion: .tls13)
            let certificates = try requestCertificate(request.der, context: context)
            guard let leaf = certificates.first(where: { $0.matches(key) }) else {
                throw TLSError(.malformed, "the collector's answer holds no certificate for this gateway's key")
            }
            guard leaf.isIssued(by: authority) else {
                throw TLSError(.malformed, "the certificate is not issued by the authority of the token")
            }
            guard let uri = leaf.uris.first, let id = Enrolment.gatewayID(in: uri) else {
                throw TLSError(.malformed, "the certificate names no gateway (spiffe://…/gateway/ID)")
            }
            let record = EnrolmentRecord(gatewayID: id, host: token.host, policyKeys: token.policyKeys)
            let chain = CertificateChain(leaf: leaf, authorities: [authority])
            try store(Credentials(key: key, chain: chain, authorities: [authority]), record)
            return record
        } catch {
            throw Failure(error, .notAllowed)
        }
    }

    /// `spiffe://example.org/gateway/gw-1` names `gw-1`.
    static func gatewayID(in uri: ByteString) -> ByteString? {
        guard uri.hasPrefix("spiffe://"), let start = uri.firstIndex(of: "/gateway/") else { return nil }
        let id = ByteString(Array(uri.bytes.dropFirst(start + 9)))
        return id.isEmpty || id.bytes.contains(0x2F) ? nil : id
    }

    /// The authority is taken only if its SHA-256 is the token's: the pin replaces what a bootstrap over plain TLS lacks.
    private func fetchAuthority() throws(Failure) -> Certificate {
        let context: TLSContext
        do throws(TLSError) {
            context = try TLSContext.client(pinnedCASHA256: token.authoritySHA256)
        } catch {
            throw Failure(error)
        }
        let request = HTTPRequest(method: "GET", target: "/.well-known/est/cacerts", host: hostPort)
        let response = try BlockingHTTPS.exchange(request, host: token.host, port: token.port, context: context)
        guard response.status == 200 else { throw refusal(response, "cacerts") }
        do throws(TLSError) {
            for certificate in try certificates(in: response)
            where Cryptography.constantTimeEqual(certificate.sha256, token.authoritySHA256) {
                return certificate
            }
        } catch {
            throw Failure(error, .badData)
        }
        throw Failure(.notAllowed, "the collector's authority is not the one the token names; ask for a new token")
    }

    private var hostPort: ByteString {
        let host = token.host.bytes.contains(0x3A) ? "[\(token.host)]" : token.host
        return "\(host):\(token.port)"
    }

    private func requestCertificate(_ request: [UInt8], context: TLSContext) throws(TLSError) -> [Certificate] {
        let credentials = Base64.encode(("gateway:\(token.secret)" as ByteString).bytes)
        let http = HTTPRequest(
            method: "POST",
            target: "/.well-known/est/simpleenroll",
            host: hostPort,
            headers: [
                HTTPHeader(name: "authorization", value: "Basic \(credentials)"),
                HTTPHeader(name: "content-type", value: "application/pkcs10"),
                HTTPHeader(name: "content-transfer-encoding", value: "base64"),
            ],
            body: Base64.encode(request).bytes
        )
        do throws(Failure) {
            let response = try BlockingHTTPS.exchange(http, host: token.host, port: token.port, context: context)
            guard response.status == 200 else { throw refusal(response, "simpleenroll") }
            do throws(TLSError) { return try certificates(in: response) } catch { throw Failure(error, .badData) }
        } catch {
            throw TLSError(.closed, error.message)
        }
    }

    private func certificates(in response: HTTPResponse) throws(TLSError) -> [Certificate] {
        guard let der = Base64.decode(ByteString(response.body), ignoringLineEnds: true) else {
            throw TLSError(.malformed, "the collector's answer is not base64 (RFC 8951)")
        }
        return try CertificatesOnlyMessage.decode(der)
    }

    private func refusal(_ response: HTTPResponse, _ what: ByteString) -> Failure {
        var text: ByteString = "the collector answered \(response.status) to \(what)"
        let body = ByteString(response.body).trimmed
        if !body.isEmpty { text = "\(text): \(ByteString(Array(body.bytes.prefix(300))))" }
        if response.status == 401 {
            text = "\(text) (the token is used, expired, revoked or mistyped: ask for a new one)"
        }
        return Failure(.notAllowed, text)
    }

    /// The enrolment record goes last: where it is, the rest is.
    private func store(_ credentials: Credentials, _ record: EnrolmentRecord) throws(TLSError) {
        let files: [(ByteString, [UInt8])] = [
            (state.credentials, try credentials.pem().bytes),
            (state.authority, try credentials.authorities[0].pem().bytes), (state.enrolment, record.encoded()),
        ]
        for (path, bytes) in files {
            do throws(Failure) { try state.write(bytes, to: path) } catch { throw TLSError(.system, error.message) }
        }
    }
}
