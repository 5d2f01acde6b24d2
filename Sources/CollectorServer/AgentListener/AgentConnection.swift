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
    let certificateEndSeconds: Int64
    let remoteAddress: String
    var session: AgentSession
    var context: ChannelHandlerContext?
    var assembler = MessageAssembler()
    var isReadingPaused = false
    var record: ConnectionRecord?
    var lastHeard = NIODeadline.now()
    var pingWaiters: [EventLoopPromise<Void>] = []
    private var helloTimeout: Scheduled<Void>?
    private var ticker: RepeatedTask?
    private var certificateEnd: Scheduled<Void>?
    private var closeTimeout: Scheduled<Void>?
    private var endReason = "the connection broke"
    private var isEnded = false
    /// What the registry knows this connection by; nil once it has ended.
    private(set) var handle: AgentHandle?
    /// The batch that was submitted last: whether it was committed.
    var lastSubmission: Task<Bool, Never>?

    init(services: AgentServices, gateway: GatewayKey, certificateEndSeconds: Int64, remoteAddress: String) {
        self.services = services
        self.gateway = gateway
        self.certificateEndSeconds = certificateEndSeconds
        self.remoteAddress = remoteAddress
        session = AgentSession(credits: services.limits.credits)
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
        watchCertificate()
    }

    /// A certificate that has ended keeps no connection open; else its end would mean nothing to who never goes.
    private func watchCertificate() {
        guard let context else { return }
        let left = certificateEndSeconds - Int64(clamping: services.clock.nowMilliseconds / 1000)
        guard left > 0 else {
            carryOut(session.close(.policyViolation("the certificate has ended: enrol anew")))
            return
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // The clock can be set meanwhile: look at least once a day.
        certificateEnd = context.eventLoop.scheduleTask(in: .seconds(min(left, 86_400))) {
            bound.value.watchCertificate()
        }
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
            write(.pong, payload)
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
        carryOut(session.receive(message, nowMilliseconds: services.clock.nowMilliseconds))
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

    func sendPing() { write(.ping, []) }

    /// Does what the session asks for, in order.
    func carryOut(_ actions: [AgentSession.Action]) {
        for action in actions {
            switch action {
            case .admit(let hello): admit(hello)
            case .submit(let reports): submit(reports)
            case .renew(let request): renew(request)
            case .refuseRenewal(let refusal): refuseRenewal(refusal)
            case .send(let message): write(.binary, message.encoded())
            case .pauseReading: isReadingPaused = true
            case .resumeReading:
                isReadingPaused = false
                context?.read()
            case .close(let reason): close(reason)
            }
        }
    }

    /// Every frame but the last goes this way. What the agent does not read waits in the channel, and not without end.
    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
        guard let context, context.channel.isActive else { return }
        let data = context.channel.allocator.buffer(bytes: payload)
        let frame = NIOWebSocket.WebSocketFrame(fin: true, opcode: opcode, data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting > services.limits.maximumUnsentBytes else { return }
        services.figures.add(.unsentOverLimit)
        endReason = "it does not read"
        services.log.notice("closed gateway \(gateway.gateway) (\(remoteAddress)): \(waiting) bytes wait for it")
        _ = session.close(.tryAgainLater)
        // A close frame would wait behind them.
        context.close(promise: nil)
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
        // Who does not read does not take it either, and is gone all the same.
        closeTimeout = context.eventLoop.scheduleTask(in: AgentServices.closeGrace) {
            boundContext.value.close(promise: nil)
        }
    }

    private func end() {
        guard !isEnded else { return }
        isEnded = true
        helloTimeout?.cancel()
        ticker?.cancel()
        certificateEnd?.cancel()
        closeTimeout?.cancel()
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
