import HTTPTypes
public import HummingbirdCore
public import Logging
public import NIOCore
public import TLS

/// Hummingbird's HTTP/1.1 over this project's own TLS.
public struct HTTPSChannel: ServerChildChannel, HTTPChannelHandler {
    /// What Hummingbird reads requests from and writes responses to.
    public typealias Value = HTTP1Channel.Value

    /// How long a client may take for the handshake.
    public static let handshakeTimeoutSeconds: Int64 = 10
    /// A connection without a request is closed after this.
    public static let idleTimeoutSeconds: Int64 = 60
    /// Most bytes of all header fields of a request.
    public static let maximumHeaderBytes = 32 << 10

    private let tls: @Sendable () -> TLSContext
    private let base: HTTP1Channel

    /// A channel that answers with `responder`; `tls` is asked for every connection.
    public init(tls: @escaping @Sendable () -> TLSContext, responder: @escaping HTTPChannelHandler.Responder) {
        self.tls = tls
        self.base = HTTP1Channel(
            responder: responder,
            configuration: .init(
                idleTimeout: .seconds(HTTPSChannel.idleTimeoutSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: HTTPSChannel.maximumHeaderBytes,
                    maxHeaderListSize: HTTPSChannel.maximumHeaderBytes,
                    maxHeaderFieldCount: 100
                )
            )
        )
    }

    /// Puts TLS below HTTP.
    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let tls = self.tls
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                TLSServerHandler(context: tls(), handshakeTimeout: .seconds(HTTPSChannel.handshakeTimeoutSeconds)) {
                    if case .failure(let failure) = $0 { logger.debug("TLS handshake failed: \(failure)") }
                }
            )
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    /// Answers the requests of one connection.
    public func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }

    /// What answers.
    public var responder: HTTPChannelHandler.Responder { base.responder }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 over TLS with a server's context, which is asked for for every connection.
    public static func https(tls: @escaping @Sendable () -> TLSContext) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in HTTPSChannel(tls: tls, responder: responder) }
    }
}
