import CollectorTestSupport
import Foundation
import Glibc
import NetworkTypes
import TLS
import TestSupport
import Testing

/// `init` and `serve` of the program itself: how they begin, refuse and end.
@Suite struct ServeTests {
    /// Runs `serve`, which cannot; expects one line and an exit code.
    private func refusal(
        _ collector: CollectorProcess,
        _ status: Int32,
        _ words: String...,
        source: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await collector.run(["serve"])
        #expect(outcome.status == status, "\(outcome)", sourceLocation: source)
        #expect(outcome.errors.hasPrefix("gatehouse-collector: "), "\(outcome)", sourceLocation: source)
        #expect(outcome.errors.filter { $0 == "\n" }.count == 1, "\(outcome)", sourceLocation: source)
        for word in words { #expect(outcome.errors.contains(word), "\(word): \(outcome)", sourceLocation: source) }
    }

    /// A collector that `init` made, which says errors only.
    private func withCollector(_ body: (CollectorProcess) async throws -> Void) async throws {
        try await CollectorProcess.initialised(settings: "logLevel: error", body)
    }

    @Test func initMakesWhatOnlyItsOwnerMayRead() async throws {
        try await withCollector { collector in
            #expect(collector.state.permissions == 0o700)
            for name in ["authority.key", "authority.crt", "gatehouse.sqlite"] {
                #expect(collector.state.appending(path: name).permissions == 0o600, "\(name)")
            }
            let pem = try Data(contentsOf: collector.state.appending(path: "authority.crt"))
            let authority = try Certificate(pem: ByteString(Array(pem)))
            #expect(Hexadecimal.encode(authority.sha256).text == (try await collector.beginning("CA SHA-256")))
            #expect(try await collector.beginning("user") == "admin")
            #expect(try await collector.beginning("one-time password").count >= 16)
        }
    }

    @Test func aSecondInitRefusesAndChangesNothing() async throws {
        try await withCollector { collector in
            func contents() throws -> [String: Data] {
                var files: [String: Data] = [:]
                for name in try FileManager.default.contentsOfDirectory(atPath: collector.state.path) {
                    files[name] = try Data(contentsOf: collector.state.appending(path: name))
                }
                return files
            }
            let before = try contents()
            let outcome = try await collector.run(["init"])
            #expect(outcome.status == 1 && outcome.output == "")
            let words = "holds a collector already; to begin anew, move it away first\n"
            #expect(outcome.errors == "gatehouse-collector: \(collector.state.path) \(words)")
            #expect(try contents() == before)
        }
    }

    @Test func initGoesOnAfterAnInterruptedOne() async throws {
        try await TemporaryDirectory.with { directory in
            let collector = try CollectorProcess(in: directory)
            try FileManager.default.createDirectory(at: collector.state, withIntermediateDirectories: true)
            try collector.database.write("half a database")
            try collector.state.appending(path: "authority.crt").write("half a certificate")
            try await collector.initialise()
            try await collector.serve()
            try await collector.stop()
        }
    }

    @Test func serveBeforeInitSaysWhatToDo() async throws {
        try await TemporaryDirectory.with { directory in
            let collector = try CollectorProcess(in: directory)
            try await refusal(collector, 78, "holds no collector yet; run gatehouse-collector init first")
        }
    }

    @Test func aDamagedDatabaseIsSaidSo() async throws {
        try await withCollector { collector in
            let whole = try Data(contentsOf: collector.database)
            try Data(repeating: 0x41, count: whole.count).write(to: collector.database)
            try await refusal(collector, 65, collector.database.path, "is damaged", "gatehouse-collector restore FILE")
            // The first page is good, what it leads to is not.
            try (whole.prefix(4096) + Data(repeating: 0x41, count: whole.count - 4096)).write(to: collector.database)
            try await refusal(collector, 65, collector.database.path, "is damaged")
            try FileManager.default.removeItem(at: collector.database)
            try await refusal(collector, 65, collector.database.path, "is missing")
            #expect(!FileManager.default.fileExists(atPath: collector.database.path), "made a new one in its place")
        }
    }

    @Test func anAuthorityThatIsNoneIsSaidSo() async throws {
        try await withCollector { collector in
            let key = collector.state.appending(path: "authority.key")
            let good = try Data(contentsOf: key)
            try key.write("no key")
            try await refusal(collector, 65, "authority.key", "gatehouse-collector restore FILE")
            try Data(try PrivateKey.generate().pem().bytes).write(to: key)
            try await refusal(collector, 65, "the key does not belong to the authority's certificate")
            try FileManager.default.removeItem(at: key)
            try FileManager.default.createDirectory(at: key, withIntermediateDirectories: false)
            try await refusal(collector, 65, "\(key.path): Is a directory")
            try FileManager.default.removeItem(at: key)
            try good.write(to: key)
            try await collector.serve()
        }
    }

    @Test(.enabled(if: ChangeOfUser.isPermitted, "only root, outside of a user namespace, can run it as another user"))
    func anotherUserIsToldSo() async throws {
        try await withCollector { collector in
            // The directory of the test is its owner's alone; let others through to the state directory.
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: collector.directory.path)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644],
                ofItemAtPath: collector.file("collector.yaml").path
            )
            for command in ["serve", "init"] {
                let outcome = try await Programs.run(
                    "setpriv",
                    [
                        "--reuid=65534", "--regid=65534", "--clear-groups", Programs.path("gatehouse-collector"),
                        command, "--config", collector.file("collector.yaml").path,
                    ],
                    in: collector.directory
                )
                #expect(outcome.status == 77, "\(command): \(outcome)")
                #expect(outcome.errors.contains("Permission denied; is this the collector's user?"), "\(outcome)")
                #expect(outcome.errors.filter { $0 == "\n" }.count == 1)
            }
        }
    }

    @Test(arguments: ["agentListener", "httpsListener"])
    func anOccupiedPortIsSaidSo(_ listener: String) async throws {
        try await withCollector { collector in
            try await FreePort.whileOccupied { port in
                let file = collector.file("collector.yaml")
                let own = listener == "agentListener" ? collector.agentPort : collector.httpsPort
                try file.write(try file.text().replacing("port: \(own)", with: "port: \(port)"))
                try await refusal(
                    collector,
                    1,
                    "\(listener): cannot listen on 127.0.0.1:\(port): Address already in use; is another program there"
                )
            }
        }
    }

    @Test func anAddressOfAnotherHostIsSaidSo() async throws {
        try await withCollector { collector in
            let file = collector.file("collector.yaml")
            try file.write(
                try file.text().replacing(
                    "agentListener: { address: 127.0.0.1",
                    with: "agentListener: { address: 192.0.2.1"
                )
            )
            try await refusal(collector, 1, "agentListener: cannot listen on 192.0.2.1:", "Cannot assign requested")
        }
    }

    @Test func twoCollectorsDoNotShareADirectory() async throws {
        try await withCollector { collector in
            try await collector.serve()
            let second = try collector.file("collector.yaml").text()
                .replacing("port: \(collector.agentPort)", with: "port: \(try FreePort.take())")
                .replacing("port: \(collector.httpsPort)", with: "port: \(try FreePort.take())")
            try collector.file("second.yaml").write(second)
            let outcome = try await Programs.run(
                Programs.path("gatehouse-collector"),
                ["serve", "--config", collector.file("second.yaml").path],
                in: collector.directory
            )
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("another collector works in \(collector.state.path); stop it first"))
            try await collector.stop()
        }
    }

    @Test func asManyFilesAsItMayAreOpened() async throws {
        try await withCollector { collector in
            let program = Programs.path("gatehouse-collector")
            let file = collector.file("collector.yaml")
            try file.write(try file.text().replacing("logLevel: error", with: "limits: { connections: 100 }"))
            func serve(_ limits: String, _ body: (RunningProgram) async throws -> Void) async throws {
                let command = "\(limits); exec \(program) serve --config \(file.path)"
                let running = try RunningProgram("bash", ["-c", command], in: collector.directory)
                try await running.wait(for: "listeners") {
                    FreePort.isListenedOn(collector.httpsPort) && FreePort.isListenedOn(collector.agentPort)
                }
                try await body(running)
                running.send(SIGTERM)
                #expect(try await running.wait() == 0)
            }
            try await serve("ulimit -S -n 64; ulimit -H -n 5000") { running in
                let limits = try String(contentsOfFile: "/proc/\(running.pid)/limits", encoding: .utf8)
                #expect(limits.contains(#/Max open files +5000 +5000/#), "\(limits)")
                #expect(!running.errors.contains("LimitNOFILE"))
            }
            try await serve("ulimit -n 500") { running in
                let words = "500 files may be open, limits.connections needs 4196: raise LimitNOFILE or ulimit -n"
                #expect(running.errors.contains(words), "\(running.errors)")
            }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItThoughSomebodyIsConnected(_ signal: Int32) async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            try await hand.enrolGateway("gate", as: bearer)
            // A page that listens to changes, and a client that says nothing.
            try collector.file("stream.conf").write("header = \"Authorization: Bearer \(bearer)\"\n")
            let stream = try RunningProgram(
                "curl",
                ["-sSN", "--cacert", "authority.pem", "--config", "stream.conf", collector.url + "/api/v1/stream"],
                in: collector.directory
            )
            try await stream.wait(for: "the stream") {
                String(decoding: stream.written, as: UTF8.self).contains("hello")
            }
            let silent = try RunningProgram(
                "openssl",
                ["s_client", "-connect", "127.0.0.1:\(collector.httpsPort)", "-quiet", "-ign_eof"],
                in: collector.directory
            )
            var agent = AgentByHand()
            agent.addHello()
            let connection = try await agent.connect(
                to: collector.agentPort,
                as: "gate",
                authority: "authority.pem",
                in: collector.directory
            )
            try await connection.wait(for: "a welcome") { try AgentByHand.Transcript(connection).welcome != nil }

            let program = try #require(await collector.process)
            program.send(signal)
            #expect(try await program.wait() == 0, "\(program.errors)")
            _ = try await connection.wait()
            let transcript = try AgentByHand.Transcript(connection)
            #expect(transcript.closeCode == 1012 && transcript.closeWords == "the collector stops")
            try await stream.wait()
            try await silent.wait()
            // What it wrote is whole, and the database needs no repair.
            #expect(!FileManager.default.fileExists(atPath: collector.database.path + "-wal"))
            try await collector.serve()
            let gateways = try await hand.api("GET", "/api/v1/gateways", as: bearer).object["items"] as? [[String: Any]]
            #expect(gateways?.map { $0["state"] as? String } == ["disconnected"])
        }
    }

    /// Clients that just go, as gatehousectl does, such as say good-bye, and such as never begin: no socket waits for its
    /// timeout.
    @Test func connectionsEndWithTheirClients() async throws {
        try await CollectorProcess.serving { collector in
            try await collector.logIn()
            let program = try #require(await collector.process)
            let before = program.socketCount
            for _ in 0..<5 {
                #expect(try await collector.control(["gateway", "list"]).status == 0)
                let health = collector.url + "/healthz"
                let said = try await Programs.run(
                    "curl",
                    ["-sk", "-H", "Connection: close", health],
                    in: collector.directory
                )
                #expect(said.output == "ok\n")
                #expect(try await Programs.run("curl", ["-sk", health], in: collector.directory).output == "ok\n")
            }
            for _ in 0..<20 { _ = FreePort.isListenedOn(collector.httpsPort) }
            for _ in 0..<20 { _ = FreePort.isListenedOn(collector.agentPort) }
            // Far below the 10 s that a handshake may take.
            try await program.wait(for: "sockets to close", withinSeconds: 5) { program.socketCount <= before }
        }
    }

    @Test func aPowerCutLosesNothingThatWasAnswered() async throws {
        try await CollectorProcess.serving { collector in
            let hand = EnrolmentByHand(collector)
            _ = try await hand.fetchAuthority()
            let bearer = try await hand.logIn()
            let token = try await hand.makeToken(as: bearer)
            await collector.kill()
            try await collector.serve()
            let tokens = try await hand.api("GET", "/api/v1/tokens", as: bearer).object["items"] as? [[String: Any]]
            #expect(tokens?.map { $0["id"] as? String } == [token.id])
        }
    }
}
