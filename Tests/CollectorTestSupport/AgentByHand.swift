import Foundation
import NetworkTypes
import TestSupport
import WireProtocol

/// An agent made of `openssl s_client` and bytes that were written down beforehand: a peer whose TLS is not ours.
public struct AgentByHand: Sendable {
    private static let nonce = [UInt8](repeating: 7, count: WebSocketHandshake.nonceLength)
    private static let mask: UInt32 = 0x0102_0304
    private static let encoder = WebSocketEncoder(role: .client)

    /// What is sent at once: the upgrade, and what was added.
    private var bytes: [UInt8]
    /// What is sent after the welcome; nil while that is not waited for.
    private var later: [UInt8]?

    /// The upgrade.
    public init() {
        bytes = WebSocketHandshake.request(host: "localhost", nonce: AgentByHand.nonce) ?? []
    }

    /// What is added from here on is sent when the welcome has come.
    public mutating func waitForWelcome() { later = later ?? [] }

    /// Adds a message.
    public mutating func add(_ message: AgentMessage) {
        add(AgentByHand.encoder.binary(message.encoded(), mask: AgentByHand.mask))
    }

    /// Adds a frame.
    public mutating func add(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        add(AgentByHand.frame(opcode, payload, isFinal: isFinal))
    }

    /// The bytes of a frame.
    public static func frame(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        encoder.frame(opcode, payload, mask: mask, isFinal: isFinal)
    }

    /// Adds bytes, whatever they are.
    public mutating func add(_ more: [UInt8]) {
        if later == nil { bytes += more } else { later? += more }
    }

    /// Adds a hello as an honest agent says it.
    public mutating func addHello(bootEpoch: UInt64 = 1, instance: UInt8 = 1) {
        add(.hello(AgentByHand.hello(bootEpoch: bootEpoch, instance: instance)))
    }

    /// What an honest agent says of itself.
    public static func hello(bootEpoch: UInt64 = 1, instance: UInt8 = 1) -> Hello {
        var hello = Hello()
        hello.protocolVersion = ProtocolVersion.current
        hello.agentVersion = "0.1.0"
        hello.architecture = "arm64"
        hello.kernelRelease = "6.1.0"
        hello.hostname = "by-hand"
        hello.bootEpoch = bootEpoch
        hello.instance = ByteString([UInt8](repeating: instance, count: 16))
        return hello
    }

    /// Sends it all with the certificate in `NAME.pem` and the key in `NAME.key`, and stays until the other side closes.
    public func connect(
        to port: Int,
        as name: String,
        authority: String,
        in directory: URL
    ) async throws -> RunningProgram {
        let stem = "\(UUID().uuidString).agent"
        let (now, after, go) = ("\(stem)-1", "\(stem)-2", "\(stem)-go")
        try Data(bytes).write(to: directory.appending(path: now))
        try Data(later ?? []).write(to: directory.appending(path: after))
        let wait = "for _ in $(seq 1500); do [ -e \(go) ] && break; sleep 0.02; done"
        let program = try RunningProgram(
            "bash",
            [
                "-c",
                "exec openssl s_client -connect 127.0.0.1:\(port) -CAfile \(authority) -verify_return_error "
                    + "-cert \(name).pem -key \(name).key -quiet -ign_eof < <(cat \(now); \(wait); cat \(after))",
            ],
            in: directory
        )
        if later != nil { try await program.wait(for: "a welcome") { try Transcript(program).welcome != nil } }
        try Data().write(to: directory.appending(path: go))
        return program
    }

    /// What the other side said.
    public struct Transcript: Sendable {
        /// `HTTP/1.1 101 Switching Protocols`
        public var statusLine = ""
        /// Whole messages.
        public var messages: [CollectorMessage] = []
        /// The close frame's code; nil where there was none.
        public var closeCode: UInt16?
        /// The close frame's words.
        public var closeWords = ""

        /// What a program that `connect` started has read so far.
        public init(_ program: RunningProgram) throws { try self.init(Array(program.written)) }

        /// Bytes as they came.
        public init(_ bytes: [UInt8]) throws {
            let end: [UInt8] = [13, 10, 13, 10]
            guard let head = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return }
            statusLine = String(decoding: bytes[..<head].prefix { $0 != 13 }, as: UTF8.self)
            var decoder = WebSocketDecoder(role: .client)
            decoder.append(Array(bytes[(head + 4)...]))
            while let event = try decoder.next() {
                switch event {
                case .binary(let message): messages.append(try CollectorMessage(decoding: message))
                case .close(let code, let reason):
                    closeCode = code?.rawValue
                    closeWords = reason.text
                    return
                default: break
                }
            }
        }

        /// The first welcome.
        public var welcome: Welcome? {
            for case .welcome(let welcome) in messages { return welcome }
            return nil
        }
    }
}
