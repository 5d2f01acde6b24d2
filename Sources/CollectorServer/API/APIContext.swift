public import Hummingbird
internal import NIOCore

/// What travels with one request to the HTTPS listener.
public struct APIContext: RequestContext {
    /// Hummingbird's own.
    public var coreContext: CoreRequestContextStorage
    /// The address of the other side, without its port; `unknown` where the socket has none.
    public let remoteAddress: String
    /// Who asks; nil where the request carries neither a good token nor a good cookie.
    public var caller: Caller?

    /// Most bytes of a body that is not a policy: forms, JSON, certificate requests.
    public static let maximumBodyBytes = 64 * 1024

    /// Most bytes of a body that is decoded.
    public var maxUploadSize: Int { APIContext.maximumBodyBytes }

    /// A context for one request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
