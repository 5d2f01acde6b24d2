import CollectorCore
import Logging
import NIOCore
import NIOWebSocket
import NetworkTypes
import Storage
import WireProtocol

/// One agent's WebSocket: frames to messages, messages to the session, and the session's actions to the channel, the
/// store and the registry. All state belongs to the event loop.
final class AgentConnection: ChannelDuplexHandler {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundOut = NIOWebSocket.WebSocketFrame

    let services: AgentServices
    let gateway: GatewayKey
    let remoteAddress: String
    var session = AgentSession()
    var context: ChannelHandlerContext?
    var assembler = MessageAssembler()
    var isReadingPaused = false
    var record: ConnectionRecord?
    var lastHeard = NIODeadline.now()
    var pingWaiters: [EventLoopPromise<Void>] = []
    private var helloTimeout: Scheduled<Void>?
    private var ticker: RepeatedTask?
    private var endReason = "the connection broke"
    private var isEnded = false
    /// What the registry knows this connection by; nil once it has ended.
    private(set) var handle: AgentHandle?
    /// The batch that was submitted last: whether it was committed.
    var lastSubmission: Task<Bool, Never>?

    init(services: AgentServices, gateway: GatewayKey, remoteAddress: String) {
        self.services = services
        self.gateway = gateway
        self.remoteAddress = remoteAddress
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        handle = AgentHandle(self, eventLoop: context.eventLoop)
        helloTimeout = context.eventLoop.scheduleTask(in: services.limits.handshakeTimeout) {
            let connection = bound.value
            guard !connection.session.hasSaidHello else { return }
            connection.carryOut(connection.session.close(.policyViolation("no hello in time")))
        }
        ticker = context.eventLoop.scheduleRepeatedTask(
            initialDelay: AgentServices.pingInterval,
            delay: AgentServices.pingInterval
        ) { _ in bound.value.tick() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            services.figures.add(.messagesTooLong)
            carryOut(session.close(error == .invalidFrameLength ? .messageTooLong : .protocolError("\(error)")))
        } else {
            endReason = "\(error)"
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !session.isClosed else { return }
        lastHeard = .now()
        for waiter in pingWaiters { waiter.succeed(()) }
        pingWaiters.removeAll()
        switch assembler.take(frame) {
        case .nothing:
            break
        case .ping(let payload):
            let data = context.channel.allocator.buffer(bytes: payload)
            context.writeAndFlush(
                wrapOutboundOut(NIOWebSocket.WebSocketFrame(fin: true, opcode: .pong, data: data)),
                promise: nil
            )
        case .close:
            endReason = "the agent said good-bye"
            carryOut(session.close(.replaced))
        case .message(let bytes):
            receive(bytes)
        case .fault(let reason):
            if reason == .messageTooLong { services.figures.add(.messagesTooLong) }
            carryOut(session.close(reason))
        }
    }

    private func receive(_ bytes: [UInt8]) {
        let message: AgentMessage
        do {
            message = try AgentMessage(decoding: bytes)
        } catch {
            services.figures.add(.messagesInvalid)
            let words = "message cannot be decoded: \(error.reason) at byte \(error.offset)"
            carryOut(session.close(error.reason == .limitExceeded ? .policyViolation(words) : .invalidMessage(words)))
            return
        }
        carryOut(session.receive(message))
    }

    private func tick() {
        guard let context, !session.isClosed else { return }
        if NIODeadline.now() - lastHeard > AgentServices.idleTimeout {
            endReason = "it answered no ping"
            context.close(promise: nil)
            return
        }
        sendPing()
    }

    func sendPing() {
        guard let context else { return }
        let frame = NIOWebSocket.WebSocketFrame(
            fin: true,
            opcode: .ping,
            data: context.channel.allocator.buffer(capacity: 0)
        )
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Does what the session asks for, in order.
    func carryOut(_ actions: [AgentSession.Action]) {
        for action in actions {
            switch action {
            case .admit(let hello): admit(hello)
            case .submit(let reports): submit(reports)
            case .send(let message): write(message)
            case .pauseReading: isReadingPaused = true
            case .resumeReading:
                isReadingPaused = false
                context?.read()
            case .close(let reason): close(reason)
            }
        }
    }

    private func write(_ message: CollectorMessage) {
        guard let context else { return }
        let data = context.channel.allocator.buffer(bytes: message.encoded())
        context.writeAndFlush(
            wrapOutboundOut(NIOWebSocket.WebSocketFrame(fin: true, opcode: .binary, data: data)),
            promise: nil
        )
    }

    private func close(_ reason: AgentSession.CloseReason) {
        guard let context else { return }
        endReason = reason.words
        switch reason {
        case .protocolError, .policyViolation: services.figures.add(.protocolViolations)
        default: break
        }
        if reason != .replaced, reason != .restarting {
            services.log.notice("closed gateway \(gateway.gateway) (\(remoteAddress)): \(reason.words)")
        }
        var data = context.channel.allocator.buffer(capacity: 128)
        data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: Int(reason.code)))
        // RFC 6455 §5.5: a control frame carries 125 bytes, 2 of them the code.
        var words = reason.words
        while words.utf8.count > 123 { words.removeLast() }
        data.writeString(words)
        let frame = NIOWebSocket.WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in boundContext.value.close(promise: nil) }
    }

    private func end() {
        guard !isEnded else { return }
        isEnded = true
        helloTimeout?.cancel()
        ticker?.cancel()
        for waiter in pingWaiters { waiter.fail(ChannelError.eof) }
        pingWaiters.removeAll()
        _ = session.close(.replaced)
        let handle = self.handle
        self.handle = nil
        guard let record, let handle else { return }
        let services = self.services
        let reason = endReason
        Task { await services.registry.remove(handle, record, reason: reason) }
    }

    // While too many reports wait for their commit, nothing more is read: TCP makes the agent wait.
    func read(context: ChannelHandlerContext) {
        if !isReadingPaused { context.read() }
    }
}

@available(*, unavailable)
extension AgentConnection: Sendable {}
