import Foundation
import NIOCore
import NIOPosix
import NetworkTypes
import Synchronization
import TLS

@testable import CollectorServer

/// A server of lists on 127.0.0.1 that answers what a test wants, also what no server should.
final class ListServer: Sendable {
    /// What a request is answered with.
    enum Reply: Sendable {
        /// A whole answer.
        case answer(Int, [String: String] = [:], String = "")
        /// Bytes as they are; then the connection ends.
        case raw(String)
        /// A body that never ends, of lines that are names.
        case endless
        /// A byte now and then.
        case slow
        /// Nothing at all.
        case silent
    }

    private let state = Mutex<(replies: [String: Reply], heads: [String])>(([:], []))
    private let group = MultiThreadedEventLoopGroup.singleton

    /// What a path is answered with from now on; 404 where nothing was said.
    func set(_ path: String, _ reply: Reply) { state.withLock { $0.replies[path] = reply } }

    /// The heads of all requests so far.
    var heads: [String] { state.withLock { $0.heads } }

    private func reply(to head: String) -> Reply {
        let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        return state.withLock { state in
            state.heads.append(head)
            return state.replies[path] ?? .answer(404)
        }
    }

    /// Serves while `body` runs, which is told the port.
    func serving<Value: Sendable>(
        tls: TLSContext? = nil,
        _ body: @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            TLSServerHandler(context: tls, handshakeTimeout: .seconds(20)) { _ in }
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(Handler { self.reply(to: $0) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(channel.localAddress?.port ?? 0)
            try? await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let reply: @Sendable (String) -> Reply
        private var received = ""
        private var task: RepeatedTask?

        init(_ reply: @escaping @Sendable (String) -> Reply) { self.reply = reply }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard let end = received.range(of: "\r\n\r\n") else { return }
            let head = String(received[..<end.lowerBound])
            received = ""
            switch reply(head) {
            case .answer(let status, let headers, let body):
                var text = "HTTP/1.1 \(status) Words\r\n"
                for (name, value) in headers { text += "\(name): \(value)\r\n" }
                if status != 304 { text += "Content-Length: \(body.utf8.count)\r\n" }
                write(text + "Connection: close\r\n\r\n" + body, context, closes: true)
            case .raw(let text):
                write(text, context, closes: true)
            case .endless:
                write("HTTP/1.1 200 OK\r\n\r\n", context, closes: false)
                let lines = String(repeating: "name.example\n", count: 1000)
                every(.milliseconds(1), context) { [self] in write(lines, $0, closes: false) }
            case .slow:
                write("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", context, closes: false)
                every(.milliseconds(20), context) { [self] in write("a", $0, closes: false) }
            case .silent:
                break
            }
        }

        func channelInactive(context: ChannelHandlerContext) { task?.cancel() }

        private func write(_ text: String, _ context: ChannelHandlerContext, closes: Bool) {
            let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
                if closes { loopBound.value.close(promise: nil) }
            }
        }

        private func every(
            _ interval: TimeAmount,
            _ context: ChannelHandlerContext,
            _ work: @escaping (ChannelHandlerContext) -> Void
        ) {
            let bound = NIOLoopBound((context, work), eventLoop: context.eventLoop)
            task = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                let (context, work) = bound.value
                if context.channel.isActive { work(context) }
            }
        }
    }
}
