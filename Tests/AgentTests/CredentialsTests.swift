import AgentCore
import NetworkTypes
import TLS
import Testing

@testable import AgentProgram

@Suite struct CredentialsTests {
    static func pair(lifetimeSeconds: Int64 = 3600) throws -> Credentials {
        let authority = try CertificateAuthority.create(commonName: "CA", nowSeconds: 1000, lifetimeSeconds: 86_400)
        let key = try PrivateKey.generate()
        let leaf = try authority.issueClient(
            try CertificateRequest.make(key: key, commonName: "gate-1"),
            commonName: "gate-1",
            uri: "spiffe://test.local/gateway/gate-1",
            nowSeconds: 100_000,
            lifetimeSeconds: lifetimeSeconds
        )
        let chain = CertificateChain(leaf: leaf, authorities: [authority.certificate])
        return Credentials(key: key, chain: chain, authorities: [authority.certificate])
    }

    @Test func oneFileHoldsThePair() throws {
        let pair = try Self.pair()
        let text = try pair.pem()
        let read = try Credentials(pem: text, authorities: try pair.authorities[0].pem())
        #expect(read.chain.leaf == pair.chain.leaf && read.chain.authorities == pair.authorities)
        #expect(read.key.publicKeyDER == pair.key.publicKeyDER)
        #expect(read.validity.notAfterMilliseconds == 103_600_000)
        _ = try read.context(time: nil)
    }

    @Test func aKeyOfAnotherCertificateIsRefused() throws {
        let (one, other) = (try Self.pair(), try Self.pair())
        var mixed = try one.key.pem()
        mixed.append(try other.chain.pem())
        let error = #expect(throws: TLSError.self) {
            try Credentials(pem: mixed, authorities: try other.authorities[0].pem())
        }
        #expect(error?.kind == .mismatch)
    }

    @Test func everyShorterFileIsRefused() throws {
        let pair = try Self.pair()
        // Without the authority behind it the pair is still whole.
        var whole = try pair.key.pem()
        whole.append(try pair.chain.leaf.pem())
        let authorities = try pair.authorities[0].pem()
        for count in stride(from: 0, to: whole.count - 1, by: 7) {
            let cut = ByteString(Array(whole.bytes[..<count]))
            #expect(throws: TLSError.self) { try Credentials(pem: cut, authorities: authorities) }
        }
    }
}
