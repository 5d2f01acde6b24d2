import CollectorCore
import Logging
import NIOCore
import NetworkTypes
import TLS

/// Learns from the client's certificate which gateway a connection is of, before HTTP begins; closes it where the
/// certificate names none.
final class AgentIdentityHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let trustDomain: String
    private let services: AgentServices
    private(set) var gateway: GatewayKey?
    /// When the certificate ends, seconds since 1970.
    private(set) var certificateEndSeconds: Int64 = 0

    init(trustDomain: String, services: AgentServices) {
        self.trustDomain = trustDomain
        self.services = services
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted {
            let uris = completed.peerCertificate?.uris.map(\.text) ?? []
            // A resumed session can be older than its certificate's end: look again.
            let now = Int64(clamping: services.clock.nowMilliseconds / 1000)
            guard let name = GatewayName.gateway(inURIs: uris, trustDomain: trustDomain),
                let certificate = completed.peerCertificate, certificate.notAfterSeconds > now
            else {
                services.figures.add(.handshakeFailures)
                services.log.notice(
                    "refused \(context.remoteAddress?.description ?? "?"): names \(uris), expired or none"
                )
                context.close(promise: nil)
                return
            }
            gateway = GatewayKey(gateway: name)
            certificateEndSeconds = certificate.notAfterSeconds
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nothing is parsed for who is nobody.
        guard gateway != nil else { return }
        context.fireChannelRead(data)
    }
}

@available(*, unavailable)
extension AgentIdentityHandler: Sendable {}
