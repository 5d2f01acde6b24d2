import Foundation
import Lab
import NetworkTypes
import TLS
import TestSupport
import WireProtocol

/// A lab with an agent that is enrolled, and at its centre a collector that answers as the test wants
/// (`Peers/wrongcollector.py`).
final class WrongCollector {
    static let gateway = "gate-1"

    let lab: Lab
    let agent: LabAgent
    /// The serial number of the agent's certificate.
    let serial: String
    /// The file with the pair of key and certificate.
    let pairFile: URL
    private(set) var process: LabProcess?
    private let aheadSeconds: Int64

    /// The certificate of the agent has `leftSeconds` of its life to come, and had `goneSeconds`, by the collector's
    /// clock, which is ahead of the gateway's.
    init(
        host: String = LabAddress.central,
        goneSeconds: Int64 = 1200,
        leftSeconds: Int64 = 300,
        aheadSeconds: Int64 = 0
    ) throws {
        self.aheadSeconds = aheadSeconds
        lab = try Lab.start()
        agent = try LabAgent(lab)
        try agent.configure(host: host)
        let now = Int64(Date().timeIntervalSince1970) + aheadSeconds
        let authority = try CertificateAuthority.create(
            commonName: "Gatehouse",
            nowSeconds: now - 86_400,
            lifetimeSeconds: 2 * 86_400
        )
        let key = try PrivateKey.generate()
        let leaf = try authority.issueClient(
            try CertificateRequest.make(key: key, commonName: "gateway"),
            commonName: ByteString(utf8: Self.gateway),
            uri: ByteString(utf8: "spiffe://gatehouse.local/gateway/\(Self.gateway)"),
            nowSeconds: now - goneSeconds,
            lifetimeSeconds: goneSeconds + leftSeconds
        )
        serial = leaf.serialHexadecimal.text
        let folder = agent.state
        pairFile = folder.appendingPathComponent("gateway.pem")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ bytes: [UInt8], to file: URL) throws {
            try Data(bytes).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
        let chain = CertificateChain(leaf: leaf, authorities: [authority.certificate])
        try write(key.pem().bytes + chain.pem().bytes, to: pairFile)
        try write(authority.certificate.pem().bytes, to: folder.appendingPathComponent("authority.crt"))
        let record = CBOREncoder.encodingMap { map in
            map.text(1, ByteString(utf8: Self.gateway))
            map.text(2, ByteString(utf8: host))
        }
        try write(record, to: folder.appendingPathComponent("enrolment"))

        let serverKey = try PrivateKey.generate()
        let address = IPAddress(ByteString(utf8: LabAddress.central))
        let server = try authority.issueServer(
            key: serverKey,
            commonName: "collector",
            dnsNames: ["collector.lab"],
            ipAddresses: address.map { [$0] } ?? [],
            nowSeconds: now,
            lifetimeSeconds: 3600
        )
        try write(authority.certificate.pem().bytes, to: lab.directory.appendingPathComponent("authority.crt"))
        try write(authority.key.pem().bytes, to: lab.directory.appendingPathComponent("authority.key"))
        try write(
            CertificateChain(leaf: server).pem().bytes + serverKey.pem().bytes,
            to: lab.directory.appendingPathComponent("server.pem")
        )
    }

    /// Starts it with an answer to requests for certificates.
    func start(_ answer: String) throws {
        let python = PeersPython.path ?? "python3"
        let script = Peer.path("wrongcollector.py")
        let started = try lab.central.start(
            [python, "-B", "-u", script, lab.directory.path, LabAddress.central, "7443", answer, String(aheadSeconds)],
            label: "wrongcollector"
        )
        process = started
        try started.wait(forOutput: "listening")
    }

    /// What happened there, of one sort.
    func happenings(_ what: String) -> [[String: Any]] {
        (process?.output ?? "").split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["what"] as? String == what }
    }

    /// The serial numbers of the connections that were welcomed, in order.
    var welcomed: [String] { happenings("welcome").compactMap { $0["serial"] as? String } }

    /// The pair on the agent's disk, byte for byte.
    func pair() throws -> Data { try Data(contentsOf: pairFile) }

    /// The agent's files of keys.
    func keyFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: agent.state.path).filter { $0.hasPrefix("gateway.") }
            .sorted()
    }
}
