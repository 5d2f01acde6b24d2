import Foundation
import Glibc
import KnowledgeBuilder
import NetworkTypes
import TLS
import TestSupport
import Testing

/// The whole agent in a network namespace, with resolvers of another's making on its loopback: what it asks them over TLS,
/// whom it takes for them, and what becomes of questions when they go.
@Suite(.ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct UpstreamTests {
    /// What a resolver saw: one object a line.
    struct Seen: Decodable {
        var connection: String?
        var sni: String?
        var over: String?
        var id: String?
        var length: Int?
    }

    /// What came of many questions.
    struct Answers: Decodable {
        var codes: [String: Int]
        var bytes: Int
    }

    /// The agent and its resolvers.
    struct Stage {
        let directory: URL
        let agent: RunningProgram
        var program: String { Programs.path("gatehouse-agent") }
        private static let peers = PeersPython.packageRoot.appending(path: "Tests/Lab/Peers")

        /// `dns` is what stands there in agent.yaml; CA stands for the test authority's file.
        init(_ directory: URL, dns: String) throws {
            self.directory = directory
            let knowledge = directory.appending(path: "knowledge")
            try Data(KnowledgeBuilder.build(texts: [("vendors.yaml", "vendors: []\n")])).write(to: knowledge)
            try Stage.makeCertificates(directory)
            try directory.appending(path: "agent.yaml").write(
                """
                collector: { host: 192.0.2.1 }
                interfaces: { devices: [lo], uplink: eth0 }
                stateDirectory: \(directory.path)/state
                knowledge: \(knowledge.path)
                sysroot: \(directory.path)
                dns: { \(dns.replacing("CA", with: "\(directory.path)/ca.pem")) }

                """
            )
            let program = Programs.path("gatehouse-agent")
            agent = try RunningProgram(
                "unshare",
                [
                    "--net", "sh", "-c",
                    "ip link set lo up && exec '\(program)' run --config '\(directory.path)/agent.yaml'",
                ],
                in: directory
            )
        }

        private static func makeCertificates(_ directory: URL) throws {
            let now = Int64(Date().timeIntervalSince1970)
            let authority = try CertificateAuthority.create(
                commonName: "Test CA",
                nowSeconds: now,
                lifetimeSeconds: 3600
            )
            let key = try PrivateKey.generate()
            let leaf = try authority.issueServer(
                key: key,
                commonName: "dns.example",
                dnsNames: ["dns.example"],
                nowSeconds: now,
                lifetimeSeconds: 3600
            )
            try directory.appending(path: "ca.pem").write(try authority.certificate.pem().text)
            try directory.appending(path: "server.pem").write(try leaf.pem().text)
            try directory.appending(path: "server.key").write(try key.pem().text)
        }

        /// Starts a resolver and waits until it listens.
        func resolver(_ address: String, isOverTLS: Bool = true, _ options: [String] = []) async throws
            -> RunningProgram
        {
            var arguments = ["--net", "--target", "\(agent.pid)", "python3", "-B"]
            arguments += [Stage.peers.appending(path: "resolver.py").path, address] + options
            if isOverTLS {
                arguments += ["--tls", "\(directory.path)/server.pem", "\(directory.path)/server.key"]
            }
            let resolver = try RunningProgram("nsenter", arguments, in: directory)
            try await resolver.wait(for: "a listening resolver") {
                let sockets = try await Programs.run(
                    "nsenter",
                    ["--net", "--target", "\(agent.pid)", "cat", "/proc/net/tcp", "/proc/net/udp"],
                    in: directory
                )
                let place = address.split(separator: ".").reversed().map { String(format: "%02X", Int($0) ?? 0) }
                return sockets.output.components(separatedBy: place.joined() + ":").count >= 3
            }
            return resolver
        }

        func ask(_ count: Int, _ options: [String] = []) async throws -> Answers {
            let script = Stage.peers.appending(path: "asknames.py").path
            let outcome = try await Programs.run(
                "nsenter",
                ["--net", "--target", "\(agent.pid)", "python3", "-B", script, "\(count)"] + options,
                in: directory
            )
            try #require(outcome.status == 0, "\(outcome)")
            return try JSONDecoder().decode(Answers.self, from: Data(outcome.output.utf8))
        }

        func status() async throws -> String {
            try await Programs.run(program, ["status", "--config", "\(directory.path)/agent.yaml"], in: directory)
                .output
        }

        func seen(_ resolver: RunningProgram) throws -> [Seen] {
            try String(decoding: resolver.written, as: UTF8.self).split(separator: "\n").map {
                try JSONDecoder().decode(Seen.self, from: Data($0.utf8))
            }
        }
    }

    static func with(_ dns: String, _ body: (Stage) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let stage = try Stage(directory, dns: dns)
            defer { stage.agent.send(SIGKILL) }
            try await stage.agent.wait(for: "the agent") {
                try await stage.status().contains("resolver")
            }
            try await body(stage)
        }
    }

    @Test func manyQuestionsShareOneConnectionAndAreEquallyLong() async throws {
        try await Self.with("upstreams: [tls://127.0.0.2#dns.example], authorities: CA") { stage in
            let resolver = try await stage.resolver("127.0.0.2")
            defer { resolver.send(SIGKILL) }
            for _ in 0..<2 { #expect(try await stage.ask(200).codes == ["0": 200], "\(stage.agent.errors)") }
            let seen = try stage.seen(resolver)
            #expect(seen.filter { $0.connection != nil }.map { $0.sni } == ["dns.example"])
            let questions = seen.filter { $0.over != nil }
            #expect(questions.count == 400 && questions.allSatisfy { $0.over == "tls" && $0.length == 128 })
            #expect(Set(questions.compactMap { $0.id }).count == 400)
            let status = try await stage.status()
            #expect(status.contains("resolver    tls://127.0.0.2:853#dns.example  connected\n"), "\(status)")
            #expect(status.contains("counter     dns.connections 1\n"), "\(status)")
        }
    }

    @Test(arguments: [
        ("tls://127.0.0.2#other.example], authorities: CA", "hostname mismatch"),
        ("tls://127.0.0.2], authorities: CA", "IP address mismatch"),
        ("tls://127.0.0.2#dns.example]", "unable to get local issuer certificate"),
        ("tls://127.0.0.2#dns.example], authorities: /nothing.pem", "cannot read authorities from /nothing.pem"),
    ])
    func resolverThatIsNotTheOneMeantIsNotAskedNorAnyInTheClear(dns: String, reason: String) async throws {
        try await Self.with("upstreams: [" + dns) { stage in
            let resolver = try await stage.resolver("127.0.0.2")
            defer { resolver.send(SIGKILL) }
            #expect(try await stage.ask(3).codes == ["2": 3])
            #expect(try stage.seen(resolver).filter { $0.over != nil }.isEmpty)
            let status = try await stage.status()
            #expect(status.contains(reason), "\(status)")
            #expect(stage.agent.errors.contains("resolver tls://127.0.0.2:853#"), "\(stage.agent.errors)")
        }
    }

    @Test func questionsOfAResolverThatDiesAreAnsweredByTheNext() async throws {
        let dns = "upstreams: [tls://127.0.0.2#dns.example, tls://127.0.0.3#dns.example], authorities: CA, timeout: 20s"
        try await Self.with(dns) { stage in
            let first = try await stage.resolver("127.0.0.2", ["--die-after", "60"])
            let second = try await stage.resolver("127.0.0.3")
            defer { for resolver in [first, second] { resolver.send(SIGKILL) } }
            // The agent's own time-out is as long as the one asking waits: only what is noticed at once is in time.
            #expect(try await stage.ask(200).codes == ["0": 200], "\(stage.agent.errors)")
            #expect(try await first.wait() == 0)
            let asked = try stage.seen(second).filter { $0.over == "tls" }
            #expect(asked.count >= 200 - 60, "\(asked.count)")
            #expect(try await stage.ask(20).codes == ["0": 20])
        }
    }

    @Test func resolverThatIsNotThereIsPassedOverAtOnce() async throws {
        for dns in [
            "upstreams: [tls://127.0.0.2#dns.example, tls://127.0.0.3#dns.example], authorities: CA, timeout: 20s",
            "upstreams: [127.0.0.2, 127.0.0.3], timeout: 20s",
        ] {
            try await Self.with(dns) { stage in
                let second = try await stage.resolver("127.0.0.3", isOverTLS: dns.contains("tls"))
                defer { second.send(SIGKILL) }
                #expect(try await stage.ask(20).codes == ["0": 20], "\(stage.agent.errors)")
            }
        }
    }

    @Test func onlyResolverIsAskedAgainWhenItComesBack() async throws {
        try await Self.with("upstreams: [tls://127.0.0.2#dns.example], authorities: CA") { stage in
            let first = try await stage.resolver("127.0.0.2")
            #expect(try await stage.ask(5).codes == ["0": 5])
            first.send(SIGKILL)
            try await first.wait()
            #expect(try await stage.ask(5).codes == ["2": 5])
            let second = try await stage.resolver("127.0.0.2")
            defer { second.send(SIGKILL) }
            try await stage.agent.wait(for: "answers") { try await stage.ask(1).codes == ["0": 1] }
        }
    }

    @Test func answersThatAreTooLongForUDPComeOverTCP() async throws {
        try await Self.with("upstreams: [127.0.0.2]") { stage in
            let resolver = try await stage.resolver("127.0.0.2", isOverTLS: false)
            defer { resolver.send(SIGKILL) }
            let answers = try await stage.ask(20, ["16", "tcp"])
            #expect(answers.codes == ["0": 20] && answers.bytes > 8000, "\(answers)")
            let seen = try stage.seen(resolver)
            #expect(seen.filter { $0.over == "udp" }.count == 20 && seen.filter { $0.over == "tcp" }.count == 20)
            #expect(seen.filter { $0.connection == "tcp" }.count == 1)
            #expect(try await stage.status().contains("counter     dns.streamRetries 20\n"))
        }
    }
}
