import Foundation
import NetworkTypes
import TLS

/// An authority with a server and a client, made for one test.
struct TestIdentities {
    static let uri: ByteString = "spiffe://gatehouse.test/gateway/g1"
    let now = Int64(Date().timeIntervalSince1970)
    let authority: CertificateAuthority
    let serverKey: PrivateKey
    let server: CertificateChain
    let clientKey: PrivateKey
    let client: CertificateChain

    /// `lifetimeSeconds` long before now where both certificates are to be expired.
    init(validFrom start: Int64? = nil, lifetimeSeconds: Int64 = 3600) throws {
        let begin = start ?? now
        authority = try .create(commonName: "Test CA", nowSeconds: now - 1_000_000, lifetimeSeconds: 2_000_000)
        serverKey = try .generate()
        server = CertificateChain(
            leaf: try authority.issueServer(
                key: serverKey,
                commonName: "collector",
                dnsNames: ["collector.test"],
                ipAddresses: [IPAddress(v4: 0x7F00_0001)],
                nowSeconds: begin,
                lifetimeSeconds: lifetimeSeconds
            ),
            authorities: [authority.certificate]
        )
        clientKey = try .generate()
        let request = try CertificateRequest.make(key: clientKey, commonName: "g1", uri: "spiffe://evil/x")
        client = CertificateChain(
            leaf: try authority.issueClient(
                try CertificateRequest(der: request.der),
                commonName: "g1",
                uri: TestIdentities.uri,
                nowSeconds: begin,
                lifetimeSeconds: lifetimeSeconds
            )
        )
    }

    func serverContext(demandsClient: Bool = true, protocols: [ByteString] = []) throws -> TLSContext {
        try .server(
            certificate: server,
            key: serverKey,
            clientCA: demandsClient ? [authority.certificate] : nil,
            protocols: protocols
        )
    }

    func clientContext(protocols: [ByteString] = []) throws -> TLSContext {
        try .client(trustedCA: [authority.certificate], certificate: client, key: clientKey, protocols: protocols)
    }
}

/// Carries the bytes of two engines until both are established and nothing is on its way.
func connect(_ client: TLSEngine, _ server: TLSEngine) throws(TLSError) {
    try client.start()
    for _ in 0..<10 {
        try server.receive(client.takeOutgoing())
        try client.receive(server.takeOutgoing())
        // Tickets, and alerts of a server that refuses, come after the client is done.
        if client.state == .established { _ = try client.read() }
        if client.state == .established, server.state == .established, client.outgoingCount == 0 { break }
    }
}

/// The error of a body that must throw one.
func failure(_ body: () throws -> Void) -> TLSError? {
    do {
        try body()
        return nil
    } catch { return error as? TLSError }
}
