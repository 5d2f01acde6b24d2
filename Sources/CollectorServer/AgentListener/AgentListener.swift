import CollectorCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ServiceLifecycle
import TLS
import WireProtocol

/// Where agents connect: TLS that demands their certificate, an HTTP/1.1 upgrade on `/agent`, then WebSocket.
final class AgentListener: Service {
    /// The path of the upgrade.
    static let path = "/agent"
    /// Most bytes of the upgrade's header fields.
    static let maximumHeaderBytes = 8 << 10
    /// How long connections have to end when the collector stops.
    static let shutdownGrace = Duration.seconds(3)
    /// Connections that wait to be accepted.
    static let backlog: Int32 = 1024

    private let host: String
    private let port: Int
    private let tls: @Sendable () -> TLSContext
    private let trustDomain: String
    private let services: AgentServices
    private let group: any EventLoopGroup
    private let bound: @Sendable (SocketAddress) -> Void
    private let connections = ConnectionCounter()

    /// A listener; `tls` is asked for every connection, `bound` is told the address once it listens.
    init(
        host: String,
        port: Int,
        tls: @escaping @Sendable () -> TLSContext,
        trustDomain: String,
        services: AgentServices,
        group: any EventLoopGroup,
        bound: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.trustDomain = trustDomain
        self.services = services
        self.group = group
        self.bound = bound
    }

    /// Listens until the program is to stop; then says so to every agent.
    func run() async throws {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.set(up: channel) }
            }
            .bind(host: host, port: port)
            .get()
        if let address = channel.localAddress {
            services.log.info("agents connect at \(address)")
            bound(address)
        }
        // Cancelled too: the program ends when another of its services fails, and this one must not keep it.
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        await services.registry.closeAll(.restarting)
        let deadline = ContinuousClock.now + Self.shutdownGrace
        while connections.value > 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func set(up channel: any Channel) throws {
        let connections = self.connections
        let count = connections.enter()
        channel.closeFuture.whenComplete { _ in connections.leave() }
        guard count <= services.limits.maximumConnections else {
            services.figures.add(.connectionsOverLimit)
            channel.close(promise: nil)
            return
        }
        let services = self.services
        let pipeline = channel.pipeline.syncOperations
        let report = services.handshakeReport(remoteAddress: channel.remoteAddress?.description ?? "?")
        let timeout = services.limits.handshakeTimeout
        try pipeline.addHandler(TLSServerHandler(context: tls(), handshakeTimeout: timeout, report: report))
        let identity = AgentIdentityHandler(trustDomain: trustDomain, services: services)
        try pipeline.addHandler(identity)
        try addUpgrade(to: channel, identity: NIOLoopBound(identity, eventLoop: channel.eventLoop))
    }

    private func addUpgrade(to channel: any Channel, identity: NIOLoopBound<AgentIdentityHandler>) throws {
        let services = self.services
        let plain = NIOLoopBound(PlainRequestHandler(), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: ProtocolVersion.maximumMessageBytes,
            automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                let offered = head.headers[canonicalForm: "sec-websocket-protocol"]
                guard head.uri == Self.path, offered.contains(where: { $0 == ProtocolVersion.subprotocol }) else {
                    return channel.eventLoop.makeSucceededFuture(nil)
                }
                return channel.eventLoop.makeSucceededFuture(["sec-websocket-protocol": ProtocolVersion.subprotocol])
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let gateway = identity.value.gateway else { throw ChannelError.inputClosed }
                    let remote = channel.remoteAddress?.ipAddress ?? "?"
                    try channel.pipeline.syncOperations.addHandler(
                        AgentConnection(
                            services: services,
                            gateway: gateway,
                            certificateEndSeconds: identity.value.certificateEndSeconds,
                            remoteAddress: remote
                        )
                    )
                }
            }
        )
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = Self.maximumHeaderBytes
        limits.maxHeaderListSize = Self.maximumHeaderBytes
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in context.pipeline.syncOperations.removeHandler(plain.value, promise: nil)
                }
            ),
            withErrorHandling: true,
            withOutboundHeaderValidation: true,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: limits
        )
        try channel.pipeline.syncOperations.addHandler(plain.value)
        // From here to the first message the connection has as long again as for its handshake.
        let bound = NIOLoopBound(channel.pipeline, eventLoop: channel.eventLoop)
        let twice = TimeAmount.nanoseconds(services.limits.handshakeTimeout.nanoseconds * 2)
        let timeout = channel.eventLoop.scheduleTask(in: twice) {
            if (try? bound.value.syncOperations.handler(type: PlainRequestHandler.self)) != nil {
                bound.value.close(promise: nil)
            }
        }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
    }
}
