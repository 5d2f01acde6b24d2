import NetworkTypes
import TLS
import Testing

struct TLSTests {
    @Test func handshakeInMemory() throws {
        let authority = try CertificateAuthority.create(
            commonName: "ca",
            nowSeconds: 1_700_000_000,
            lifetimeSeconds: 1 << 30
        )
        let key = try PrivateKey.generate()
        let leaf = try authority.issueServer(
            key: key,
            commonName: "server",
            dnsNames: ["collector.test"],
            nowSeconds: 1_700_000_000,
            lifetimeSeconds: 1 << 30
        )
        let clientKey = try PrivateKey.generate()
        let request = try CertificateRequest.make(key: clientKey, commonName: "g1", uri: "spiffe://x/gateway/evil")
        let clientLeaf = try authority.issueClient(
            try CertificateRequest(der: request.der),
            commonName: "g1",
            uri: "spiffe://x/gateway/g1",
            nowSeconds: 1_700_000_000,
            lifetimeSeconds: 1 << 30
        )
        let server = try TLSEngine(
            context: .server(
                certificate: CertificateChain(leaf: leaf, authorities: [authority.certificate]),
                key: key,
                clientCA: [authority.certificate],
                protocols: ["http/1.1"]
            )
        )
        let client = try TLSEngine(
            context: .client(
                trustedCA: [authority.certificate],
                certificate: CertificateChain(leaf: clientLeaf),
                key: clientKey,
                protocols: ["h2", "http/1.1"]
            ),
            serverName: "collector.test"
        )
        try client.start()
        while client.state == .handshaking || server.state == .handshaking {
            try server.receive(client.takeOutgoing())
            try client.receive(server.takeOutgoing())
        }
        #expect(server.peerCertificate?.uris == ["spiffe://x/gateway/g1"])
        #expect(server.negotiatedProtocol == "http/1.1")
        try client.write(Array("hello".utf8))
        try server.receive(client.takeOutgoing())
        #expect(try server.read() == Array("hello".utf8))
    }
}
