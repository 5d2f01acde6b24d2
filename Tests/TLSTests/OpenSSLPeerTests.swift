import Foundation
import NetworkTypes
import TLS
import TestSupport
import Testing

/// The openssl program as the other side.
@Suite(.ownThread) struct OpenSSLPeerTests {
    let identities: TestIdentities
    let folder: URL

    init() throws {
        identities = try TestIdentities()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(identities.authority.certificate.pem(), "ca.pem")
        try write(identities.client.pem(), "client.pem")
        try write(identities.clientKey.pem(), "client.key")
        try write(identities.server.leaf.pem(), "server.pem")
        try write(identities.serverKey.pem(), "server.key")
    }

    private func write(_ text: ByteString, _ name: String) throws {
        try Data(text.bytes).write(to: folder.appendingPathComponent(name))
    }

    private func openSSL(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func itVerifiesWhatTheAuthorityIssued() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for (purpose, file) in [("sslclient", "client.pem"), ("sslserver", "server.pem")] {
            let result = try openSSL(["verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", purpose, file])
            #expect(result.status == 0, "\(result.output)")
        }
        #expect(try openSSL(["verify", "-CAfile", "ca.pem", "-purpose", "sslserver", "client.pem"]).status != 0)
        let text = try openSSL(["x509", "-in", "client.pem", "-noout", "-ext", "subjectAltName,extendedKeyUsage"])
            .output
        #expect(text.contains("URI:\(TestIdentities.uri)"))
        #expect(text.contains("TLS Web Client Authentication"))
        let serial = try openSSL(["x509", "-in", "client.pem", "-noout", "-serial"]).output
        #expect(serial.lowercased() == "serial=\(identities.client.leaf.serialHexadecimal)\n")
        let print = try openSSL(["x509", "-in", "ca.pem", "-noout", "-fingerprint", "-sha256"]).output
        let digits = print.lowercased().filter { $0 != ":" }
        #expect(digits.contains(Hexadecimal.encode(identities.authority.certificate.sha256).text))
    }

    @Test func itMakesRequestsThatAreReadAndReadsOurs() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try openSSL([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "their.key",
            "-subj", "/CN=gateway-7", "-addext", "subjectAltName=URI:spiffe://x/y", "-out", "their.csr",
        ])
        #expect(made.status == 0, "\(made.output)")
        let text = try Data(contentsOf: folder.appendingPathComponent("their.csr"))
        let request = try CertificateRequest(pem: ByteString(Array(text)))
        #expect(request.commonName == "gateway-7")
        #expect(request.uris == ["spiffe://x/y"])
        #expect(request.publicKeyDER == (try PrivateKey(pem: file("their.key")).publicKeyDER))

        try write(CertificateRequest.make(key: .generate(), commonName: "ours", uri: "spiffe://a/b").pem(), "our.csr")
        let read = try openSSL(["req", "-in", "our.csr", "-verify", "-noout", "-text"])
        #expect(read.status == 0 && read.output.contains("URI:spiffe://a/b"), "\(read.output)")

        // A request whose signature was damaged, and one with a weak key.
        var der = request.der
        der[der.count - 1] ^= 1
        #expect(failure { _ = try CertificateRequest(der: der) } != nil)
        _ = try openSSL([
            "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key", "-subj", "/CN=w", "-out", "weak.csr",
        ])
        #expect(failure { _ = try CertificateRequest(pem: file("weak.csr")) }?.kind == .malformed)
    }

    @Test func itReadsOurPKCS7AndWritesItsOwn() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let both = [identities.client.leaf, identities.authority.certificate]
        let der = try CertificatesOnlyMessage.encode(both)
        try write(ByteString(der), "ours.p7")
        let read = try openSSL(["pkcs7", "-inform", "DER", "-in", "ours.p7", "-print_certs"])
        #expect(read.status == 0 && read.output.components(separatedBy: "BEGIN CERT").count == 3, "\(read.output)")
        #expect(try CertificatesOnlyMessage.decode(der) == both)

        _ = try openSSL(["crl2pkcs7", "-nocrl", "-certfile", "ca.pem", "-outform", "DER", "-out", "theirs.p7"])
        #expect(try CertificatesOnlyMessage.decode(file("theirs.p7").bytes) == [identities.authority.certificate])
        for count in 0..<der.count {
            #expect(failure { _ = try CertificatesOnlyMessage.decode(Array(der[..<count])) } != nil)
        }
    }

    @Test func itChecksOurEd25519AndWeIts() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = try Ed25519SigningKey.generate()
        let message = Array("policy".utf8)
        let signature = try key.sign(message)
        try write(key.pem(), "ed.key")
        try write(ByteString(message), "message")
        try write(ByteString(signature), "signature")
        _ = try openSSL(["pkey", "-in", "ed.key", "-pubout", "-out", "ed.pub"])
        let verified = try openSSL([
            "pkeyutl", "-verify", "-pubin", "-inkey", "ed.pub", "-rawin", "-in", "message", "-sigfile", "signature",
        ])
        #expect(verified.status == 0, "\(verified.output)")
        _ = try openSSL(["pkeyutl", "-sign", "-inkey", "ed.key", "-rawin", "-in", "message", "-out", "theirs"])
        let theirs = try file("theirs").bytes
        #expect(Ed25519.verify(publicKey: key.publicKey, message: message, signature: theirs))
        #expect(try Ed25519SigningKey(pem: file("ed.key")).publicKey == key.publicKey)
    }

    @Test func itIsServedByUsAndServesUs() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        // Unix sockets: no port, no network.
        let server = try start([
            "s_server", "-quiet", "-unix", "server.sock", "-cert", "server.pem", "-key", "server.key", "-Verify", "1",
            "-verify_return_error", "-CAfile", "ca.pem", "-rev", "-naccept", "1",
        ])
        defer { server.terminate() }
        let client = try TLSEngine(context: identities.clientContext(), serverName: "collector.test")
        let socket = try UnixSocket(connectingTo: folder.appendingPathComponent("server.sock").path)
        try client.start()
        while client.state == .handshaking { try exchange(client, socket) }
        try client.write(Array("gatehouse\n".utf8))
        var answer: [UInt8] = []
        while !answer.contains(0x0A) {
            try exchange(client, socket)
            while let part = try client.read() { answer += part }
        }
        #expect(String(decoding: answer, as: UTF8.self) == "esuohetag\n")

        let listener = try UnixSocket(listeningAt: folder.appendingPathComponent("ours.sock").path)
        let theirs = try start([
            "s_client", "-quiet", "-unix", "ours.sock", "-servername", "collector.test", "-verify_hostname",
            "collector.test", "-verify_return_error", "-CAfile", "ca.pem", "-cert", "client.pem", "-key", "client.key",
        ])
        defer { theirs.terminate() }
        let accepted = try listener.accept()
        let engine = try TLSEngine(context: identities.serverContext())
        while engine.state == .handshaking { try exchange(engine, accepted) }
        #expect(engine.peerCertificate?.uris == [TestIdentities.uri])
        #expect(engine.requestedServerName == "collector.test")
    }

    private func exchange(_ engine: TLSEngine, _ socket: UnixSocket) throws {
        try socket.write(engine.takeOutgoing())
        let bytes = try socket.read()
        try #require(!bytes.isEmpty, "the other side closed the connection")
        try engine.receive(bytes)
        try socket.write(engine.takeOutgoing())
    }

    private func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func file(_ name: String) throws -> ByteString {
        ByteString(Array(try Data(contentsOf: folder.appendingPathComponent(name))))
    }
}
