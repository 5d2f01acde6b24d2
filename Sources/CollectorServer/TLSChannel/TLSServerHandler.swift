import NIOCore
import NetworkTypes
import TLS

/// TLS on a server's connection, by libssl: ciphertext below, payload above.
///
/// Nothing reaches the handlers above before the handshake is done, and so before the client has proved its certificate
/// where one is demanded. `TLSHandshakeCompleted` is fired then as an inbound user event, and `channelActive` reaches
/// the handlers above only after it.
final class TLSServerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tlsContext: TLSContext
    private let handshakeTimeout: TimeAmount
    private let report: @Sendable (Result<Void, TLSHandshakeFailure>) -> Void
    private var engine: TLSEngine?
    private var timeout: Scheduled<Void>?
    private var isOver = false
    private var hasBegun = false
    /// The peer will send nothing more on the socket (the channel allows it to be closed one way).
    private var isInputClosed = false
    /// The handlers above will write nothing more.
    private var isOutputClosed = false

    /// A connection's TLS. `report` is called once, when the handshake is done or has failed.
    init(
        context: TLSContext,
        handshakeTimeout: TimeAmount,
        report: @escaping @Sendable (Result<Void, TLSHandshakeFailure>) -> Void
    ) {
        self.tlsContext = context
        self.handshakeTimeout = handshakeTimeout
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        do {
            engine = try TLSEngine(context: tlsContext)
        } catch {
            fail(context, .init(error.description))
            return
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: handshakeTimeout) {
            bound.value.fail(boundContext.value, .init("the handshake took too long"))
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver, let engine else { return }
        let buffer = unwrapInboundIn(data)
        let wasEstablished = engine.state == .established
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                let input = unsafe Span<UInt8>(_unsafeBytes: bytes)
                var offset = 0
                // Fed a piece at a time, so that what waits in the engine stays small.
                while offset < input.count, engine.state != .closed {
                    let end = min(input.count, offset + TLSEngine.maximumRecordBytes)
                    try engine.receive(input.extracting(offset..<end))
                    offset = end
                    if !wasEstablished, engine.state == .established { self.established(context) }
                    try self.deliver(context)
                }
            }
        } catch {
            flushOutgoing(context)
            let words = (error as? TLSError)?.description ?? "\(error)"
            fail(context, .init(words))
            return
        }
        flushOutgoing(context)
        if engine.state == .closed { end(context) }
    }

    private func established(_ context: ChannelHandlerContext) {
        guard let engine, timeout != nil else { return }
        timeout?.cancel()
        timeout = nil
        flushOutgoing(context)
        report(.success(()))
        context.fireUserInboundEventTriggered(
            TLSHandshakeCompleted(
                peerCertificate: engine.peerCertificate,
                negotiatedProtocol: engine.negotiatedProtocol?.text,
                isResumed: engine.isResumed
            )
        )
        context.fireChannelActive()
    }

    private func deliver(_ context: ChannelHandlerContext) throws {
        guard let engine, engine.state == .established else { return }
        while let payload = try engine.read() {
            guard !isOver else { return }
            context.fireChannelRead(wrapInboundOut(context.channel.allocator.buffer(bytes: payload)))
        }
    }

    private func flushOutgoing(_ context: ChannelHandlerContext) {
        guard let engine, engine.outgoingCount > 0, context.channel.isActive else { return }
        let bytes = engine.takeOutgoing()
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard engine?.state == .established else {
            // While the handshake lasts nobody above asks for bytes.
            context.read()
            return
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver, let engine, engine.state == .established else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let buffer = unwrapOutboundIn(data)
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                try engine.write(unsafe Span<UInt8>(_unsafeBytes: bytes))
            }
        } catch {
            promise?.fail(error)
            fail(context, .init((error as? TLSError)?.description ?? "\(error)"))
            return
        }
        let records = engine.takeOutgoing()
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: records)), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input:
            // What is written still goes out.
            isInputClosed = true
            context.close(mode: .input, promise: promise)
            if isOutputClosed { finish(context) }
        case .output:
            // The peer learns from close_notify that nothing more comes; the connection stays open for what it sends.
            sayGoodbye(context)
            promise?.succeed(())
            isOutputClosed = true
            if isInputClosed { finish(context) }
        case .all:
            sayGoodbye(context)
            isOver = true
            timeout?.cancel()
            context.close(mode: mode, promise: promise)
        }
    }

    private func sayGoodbye(_ context: ChannelHandlerContext) {
        guard let engine, !isOver else { return }
        engine.shutdown()
        flushOutgoing(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard let event = event as? ChannelEvent, event == .inputClosed, !isOver else { return }
        isInputClosed = true
        // During the handshake nobody above could answer; after close_notify nobody does.
        if isOutputClosed || engine?.state != .established { finish(context) }
    }

    /// Neither side has anything more to say: without this the socket would wait for its idle timeout. What was written
    /// before goes out first.
    private func finish(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let nothing = wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))
        context.writeAndFlush(nothing).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if timeout != nil {
            timeout?.cancel()
            timeout = nil
            report(.failure(.init("the client went away during the handshake")))
        }
        isOver = true
        context.fireChannelInactive()
    }

    /// The peer said that it sends no more.
    private func end(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        context.close(promise: nil)
        isOver = true
    }

    private func fail(_ context: ChannelHandlerContext, _ failure: TLSHandshakeFailure) {
        guard !isOver else { return }
        isOver = true
        if timeout != nil || engine == nil {
            timeout?.cancel()
            timeout = nil
            report(.failure(failure))
        } else {
            context.fireErrorCaught(failure)
        }
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension TLSServerHandler: Sendable {}

/// The TLS handshake of a connection is done.
struct TLSHandshakeCompleted: Sendable {
    /// What the client proved to be; nil where none was asked for.
    let peerCertificate: Certificate?
    /// The application protocol agreed on, if any.
    let negotiatedProtocol: String?
    /// Whether an earlier session was resumed.
    let isResumed: Bool
}

/// Why a TLS connection failed.
struct TLSHandshakeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// For people.
    let description: String

    init(_ description: String) { self.description = description }
}
