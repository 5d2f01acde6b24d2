import Foundation
import NetworkTypes
import TLS
import Testing

struct CryptographyTests {
    private func bytes(_ hexadecimal: ByteString) throws -> [UInt8] { try #require(Hexadecimal.decode(hexadecimal)) }

    @Test func digests() {
        // FIPS 180-4 example "abc"; RFC 3174 section 7.3 test 1; RFC 4231 test case 2.
        let abc = Array("abc".utf8)
        #expect(
            Hexadecimal.encode(Cryptography.sha256(abc))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Hexadecimal.encode(Cryptography.sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        let code = Cryptography.hmacSHA256(key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8))
        #expect(Hexadecimal.encode(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(Cryptography.sha256([]).count == 32)
    }

    @Test func scrypt() throws {
        // RFC 7914 section 12, second vector.
        let key = try Cryptography.scrypt(
            password: Array("password".utf8),
            salt: Array("NaCl".utf8),
            cost: 1024,
            blockSize: 8,
            parallelization: 16,
            outputCount: 64
        )
        #expect(
            Hexadecimal.encode(key)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
        #expect(failure { _ = try Cryptography.scrypt(password: [], salt: [], cost: 1000) }?.kind == .system)
        #expect(failure { _ = try Cryptography.scrypt(password: [], salt: [], cost: 1 << 30) }?.kind == .system)
        #expect(try Cryptography.scrypt(password: [], salt: []).count == 32)
    }

    @Test func ed25519() throws {
        // RFC 8032 section 7.1, test 2.
        let key = try Ed25519SigningKey(
            seed: try bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        )
        #expect(
            Hexadecimal.encode(key.publicKey) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        )
        let signature = try key.sign([0x72])
        #expect(
            Hexadecimal.encode(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        #expect(Ed25519.verify(publicKey: key.publicKey, message: [0x72], signature: signature))
        for index in signature.indices {
            var damaged = signature
            damaged[index] ^= 1
            #expect(!Ed25519.verify(publicKey: key.publicKey, message: [0x72], signature: damaged))
            #expect(!Ed25519.verify(publicKey: key.publicKey, message: [0x72], signature: Array(signature[..<index])))
        }
        #expect(!Ed25519.verify(publicKey: key.publicKey, message: [0x73], signature: signature))
        #expect(!Ed25519.verify(publicKey: [], message: [], signature: []))
        #expect(failure { _ = try Ed25519SigningKey(pem: PrivateKey.generate().pem()) }?.kind == .malformed)
    }

    @Test func randomnessAndComparison() throws {
        #expect(try Cryptography.randomBytes(32) != Cryptography.randomBytes(32))
        #expect(try Cryptography.randomBytes(0).isEmpty)
        #expect(failure { _ = try Cryptography.randomBytes(-1) }?.kind == .limitExceeded)
        #expect(Cryptography.constantTimeEqual([1, 2], [1, 2]))
        #expect(!Cryptography.constantTimeEqual([1, 2], [1, 3]))
        #expect(!Cryptography.constantTimeEqual([1, 2], [1]))
        #expect(Cryptography.constantTimeEqual([UInt8](), []))
    }

    @Test func certificateFieldsAndDamage() throws {
        let identities = try TestIdentities()
        let leaf = identities.server.leaf
        #expect(leaf.subjectCommonName == "collector" && leaf.issuerCommonName == "Test CA")
        #expect(leaf.dnsNames == ["collector.test"] && leaf.ipAddresses == [IPAddress(v4: 0x7F00_0001)])
        #expect(leaf.notBeforeSeconds == identities.now - CertificateAuthority.backdatingSeconds)
        #expect(leaf.notAfterSeconds == identities.now + 3600)
        #expect(leaf.serialHexadecimal.count == 32)
        #expect(leaf.isIssued(by: identities.authority.certificate) && !leaf.isIssued(by: leaf))
        #expect(identities.authority.certificate.isAuthority && !leaf.isAuthority)
        #expect(leaf.matches(identities.serverKey) && !leaf.matches(identities.clientKey))
        #expect(try Certificate(der: leaf.der) == leaf)
        #expect(try CertificateChain(pem: identities.server.pem()).authorities == identities.server.authorities)
        #expect(try PrivateKey(pem: identities.serverKey.pem()).publicKeyDER == leaf.publicKeyDER)
        let der = leaf.der
        for count in 0..<der.count { #expect(failure { _ = try Certificate(der: Array(der[..<count])) } != nil) }
        #expect(failure { _ = try Certificate(der: der + [0]) }?.kind == .malformed)
        #expect(failure { _ = try Certificate.all(pem: "no certificate") }?.kind == .malformed)
        #expect(failure { _ = try PrivateKey(pem: "") }?.kind == .malformed)
        #expect(
            failure { _ = try CertificateAuthority(certificate: leaf, key: identities.serverKey) }?.kind == .mismatch
        )
    }

    @Test func aShortLifeIsBackdatedLittle() throws {
        let authority = try CertificateAuthority.create(commonName: "short", nowSeconds: 1000, lifetimeSeconds: 60)
        #expect(authority.certificate.notBeforeSeconds == 994)
        #expect(authority.certificate.notAfterSeconds == 1060)
    }

    @Test func farTimesAndLongNames() throws {
        // Beyond 2038 and 2050, where the encoding of times changes (RFC 5280 section 4.1.2.5).
        let authority = try CertificateAuthority.create(
            commonName: "far",
            nowSeconds: 0,
            lifetimeSeconds: 8_000_000_000
        )
        #expect(authority.certificate.notAfterSeconds == 8_000_000_000)
        #expect(authority.certificate.notBeforeSeconds == -CertificateAuthority.backdatingSeconds)
        let long = ByteString([UInt8](repeating: 0x61, count: 65))
        #expect(failure { _ = try CertificateRequest.make(key: .generate(), commonName: long) }?.kind == .malformed)
    }
}

/// Resident memory of this process (proc(5), VmRSS).
func residentKiB() throws -> Int {
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/self/status")), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return try #require(Int(line.filter(\.isNumber)))
}
