import CLinux
import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

@Suite("Sockets", .ownThread, .enabled(if: NetworkNamespace.isPermitted, "needs CAP_SYS_ADMIN for a network namespace"))
struct SocketTests {
    private static func address(_ text: ByteString) throws -> IPAddress { try #require(IPAddress(text)) }

    /// Sends until something arrives at `socket`, every 10 ms, at most 20 s long. The queue between the two ends of loopback
    /// belongs to the processor, not to the namespace: while the floods of other tests fill it, most datagrams are lost.
    private static func arrival(
        at socket: DatagramSocket,
        into buffer: inout [UInt8],
        sending send: () throws -> Bool
    ) throws -> Datagram? {
        for _ in 0..<2000 {
            #expect(try send())
            for _ in 0..<10 {
                if let datagram = try socket.receive(into: &buffer) { return datagram }
                usleep(1000)
            }
        }
        return nil
    }

    @Test("a datagram tells which address was asked, and the answer leaves from there", arguments: ["v4", "v6"])
    func packetInformation(_ family: String) throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell("ip addr add fd00::1/128 dev lo nodad; ip addr add fd00::2/128 dev lo nodad")
            let isV4 = family == "v4"
            let asked = try Self.address(isV4 ? "127.0.0.2" : "fd00::2")
            let server = try DatagramSocket.listening(on: .any(isV4 ? .v4 : .v6, port: 0))
            let port = try server.localAddress().port
            // Connected: the kernel would refuse an answer from any other address.
            let client = try DatagramSocket.connected(to: SocketAddress(asked, port: port))
            var buffer = [UInt8](repeating: 0, count: 512)
            let question = try #require(
                try Self.arrival(at: server, into: &buffer) { try client.send(Array("question".utf8)) }
            )
            #expect(question.destination == asked)
            #expect(question.interfaceIndex == 1)
            #expect(question.count == 8)
            #expect(!question.isTruncated)
            #expect(Array(buffer[0..<8]) == Array("question".utf8))
            #expect(question.source == (try client.localAddress()))
            #expect(question.source.port >= DatagramSocket.lowestRandomPort)

            let answer = try #require(
                try Self.arrival(at: client, into: &buffer) {
                    try server.send(Array("answer".utf8), to: question.source, from: question.destination)
                }
            )
            #expect(answer.source == SocketAddress(asked, port: port))
        }
    }

    @Test("a datagram longer than the buffer is known to be cut")
    func truncation() throws {
        try NetworkNamespace.run {
            let loopback = try Self.address("127.0.0.1")
            let server = try DatagramSocket.listening(on: SocketAddress(loopback, port: 0))
            let client = try DatagramSocket.connected(to: try server.localAddress())
            var buffer = [UInt8](repeating: 0, count: 10)
            let datagram = try #require(
                try Self.arrival(at: server, into: &buffer) { try client.send([UInt8](repeating: 1, count: 100)) }
            )
            #expect(datagram.count == 10)
            #expect(datagram.isTruncated)
        }
    }

    @Test("nobody there: the next call on a connected datagram socket says so")
    func refusedDatagram() throws {
        try NetworkNamespace.run {
            let client = try DatagramSocket.connected(to: SocketAddress(try Self.address("127.0.0.1"), port: 9))
            var buffer = [UInt8](repeating: 0, count: 10)
            let error = #expect(throws: SystemError.self) {
                _ = try Self.arrival(at: client, into: &buffer) { try client.send([1]) }
            }
            #expect(error?.isTemporary == true)
            #expect(error?.description.hasSuffix(" 127.0.0.1:9: Connection refused") == true)
        }
    }

    @Test("source ports are drawn at random")
    func randomPorts() throws {
        try NetworkNamespace.run {
            let target = SocketAddress(try Self.address("127.0.0.1"), port: 53)
            var ports: Set<UInt16> = []
            for _ in 0..<32 { ports.insert(try DatagramSocket.connected(to: target).localAddress().port) }
            #expect(ports.count > 24)
        }
    }

    @Test("connect, talk and close over TCP", arguments: ["127.0.0.1", "::1"])
    func tcp(_ text: String) throws {
        try NetworkNamespace.run {
            let loopback = try Self.address(ByteString(utf8: text))
            let listener = try StreamListener(SocketAddress(loopback, port: 0))
            let client = try ByteStream.connecting(to: try listener.localAddress())
            try client.waitUntilConnected(timeoutMilliseconds: 5_000)
            try client.setKeepAlive(idleSeconds: 30, unacknowledgedMilliseconds: 20_000)
            let server = try #require(try listener.accept())
            #expect(try server.peerAddress() == (try client.localAddress()))
            #expect(server.name == (try client.localAddress()).byteString)

            // Until the kernel has no room: then a send takes nothing and throws nothing.
            let block = [UInt8](repeating: 0x41, count: 65_536)
            var sent = 0
            while true {
                let count = try client.send(block)
                if count == 0 { break }
                sent += count
            }
            var received: [UInt8] = []
            while received.count < sent {
                _ = try server.waitUntilReadable(timeoutMilliseconds: 5_000)
                _ = try server.receive(into: &received, limit: 65_536)
            }
            #expect(received.count == sent)
            #expect(try server.receive(into: &received, limit: 10) == .wouldBlock)
            #expect(received.count == sent)
            #expect(try client.send(Array("tail".utf8), from: 2) == 2)
            client.finishSending()
            #expect(try server.waitUntilReadable(timeoutMilliseconds: 5_000))
            var tail: [UInt8] = []
            #expect(try server.receive(into: &tail, limit: 10) == .received(2))
            #expect(tail == Array("il".utf8))
            #expect(try server.receive(into: &tail, limit: 10) == .end)
        }
    }

    @Test("a refused connection names the peer")
    func refused() throws {
        try NetworkNamespace.run {
            let client = try ByteStream.connecting(to: SocketAddress(try Self.address("127.0.0.1"), port: 9))
            let error = #expect(throws: SystemError.self) { try client.waitUntilConnected(timeoutMilliseconds: 5_000) }
            #expect(error?.description == "cannot connect to 127.0.0.1:9: Connection refused")
        }
    }

    @Test("a peer that never answers ends at the time limit")
    func silentPeer() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "ip link add v0 type veth peer name v1; ip addr add 192.0.2.1/24 dev v0; ip link set v0 up; ip link set v1 up"
            )
            let client = try ByteStream.connecting(to: SocketAddress(try Self.address("192.0.2.9"), port: 9))
            let error = #expect(throws: SystemError.self) { try client.waitUntilConnected(timeoutMilliseconds: 50) }
            #expect(error?.code == ETIMEDOUT)
        }
    }

    @Test("IPv4 and IPv6 listeners share a port")
    func bothFamilies() throws {
        try NetworkNamespace.run {
            let six = try StreamListener(.any(.v6, port: 0))
            let port = try six.localAddress().port
            let four = try StreamListener(.any(.v4, port: port))
            let client = try ByteStream.connecting(to: SocketAddress(try Self.address("127.0.0.1"), port: port))
            try client.waitUntilConnected(timeoutMilliseconds: 5_000)
            #expect(try six.accept() == nil)
            #expect(try four.accept() != nil)
        }
    }

    @Test("the mark and the device are set before the first packet")
    func options() throws {
        try NetworkNamespace.run {
            try NetworkNamespace.shell(
                "nft 'table inet t { chain o { type filter hook output priority 0; meta mark 0x6a7e counter; }; }'"
            )
            let target = SocketAddress(try Self.address("127.0.0.1"), port: 53)
            let options = SocketOptions(mark: 0x6A7E, device: "lo", source: try Self.address("127.0.0.3"))
            let client = try DatagramSocket.connected(to: target, options: options)
            #expect(try client.localAddress().address == (try Self.address("127.0.0.3")))
            _ = try client.send([1])
            try NetworkNamespace.shell("nft list ruleset | grep -q 'counter packets 1'")
            let error = #expect(throws: SystemError.self) {
                try DatagramSocket.connected(to: target, options: SocketOptions(device: "none0"))
            }
            #expect(error?.isMissing == true)
        }
    }
}

@Suite("Unix sockets", .ownThread)
struct UnixSocketTests {
    @Test("only the permitted may connect, and the peer is known")
    func credentials() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("control")
        let listener = try StreamListener(unix: path, mode: 0o660)
        #expect(try FileSystem.mode(path) == 0o660)
        let client = try ByteStream.connected(toUnix: path)
        #expect(try client.finishConnecting())
        let server = try #require(try listener.accept())
        let peer = try server.peerCredentials()
        #expect(peer.process == getpid())
        #expect(peer.user == getuid())
    }

    @Test("a socket file left behind is replaced, one in use is not")
    func leftBehind() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("control")
        do {
            let listener = try StreamListener(unix: path, mode: 0o600)
            let error = #expect(throws: SystemError.self) { try StreamListener(unix: path, mode: 0o600) }
            #expect(error?.code == EADDRINUSE)
            withExtendedLifetime(listener) {}
        }
        #expect(!FileSystem.exists(path))
        // A process that was killed leaves its socket.
        let raw = socket(AF_UNIX, Int32(gh_stream()), 0)
        #expect(gh_unix_bind(raw, path.text, path.count) == 0)
        close(raw)
        #expect(FileSystem.exists(path))
        let listener = try StreamListener(unix: path, mode: 0o600)
        #expect(listener.name == path)
    }

    @Test("too long a path is an error, not a shorter path")
    func longPath() throws {
        let path = ByteString(utf8: "/tmp/" + String(repeating: "x", count: 200))
        let error = #expect(throws: SystemError.self) { try StreamListener(unix: path, mode: 0o600) }
        #expect(error?.code == ENAMETOOLONG)
    }
}

// One after the other: the child is made for a process with one thread, and would inherit a lock of getaddrinfo that
// another thread holds.
@Suite("Names", .serialized, .ownThread)
struct HostResolutionTests {
    @Test("a child process resolves, and its end is told")
    func resolves() throws {
        let resolution = try HostResolution("127.0.0.1", limitSeconds: 10)
        let loop = try EventLoop()
        try loop.add(resolution.descriptor, token: 1, interest: .readable)
        var events: [EventLoop.Readiness] = []
        var progress = HostResolution.Progress.pending
        for _ in 0..<50 where progress == .pending {
            try loop.wait(timeoutMilliseconds: 1_000, into: &events)
            progress = try resolution.progress()
        }
        #expect(progress == .addresses([IPAddress(v4: 0x7F00_0001)]))
    }

    @Test("a name that cannot be has the resolver's words")
    func fails() {
        guard case .failed(let words) = HostResolution.blocking("no such name") else {
            Issue.record("resolved a name with spaces")
            return
        }
        #expect(!words.isEmpty)
    }
}
