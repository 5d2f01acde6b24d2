internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle

/// Server-sent events (HTML Living Standard §9.2): what changed, not how; who listens reads it again.
enum StreamRoutes {
    /// A comment goes out so often, so that proxies do not take the connection for dead.
    static let heartbeatSeconds: Int64 = 15

    static let all: [APIRoute] = [
        APIRoute(.get, "/api/v1/stream", "streamChanges", .role(.viewer), stream)
    ]

    private enum Signal: Sendable {
        case change(StoreChange)
        case heartbeat
    }

    private static func stream(_ call: APIRequest) async throws -> Response {
        let tenant = try call.caller.tenant
        guard let changes = call.services.feed.listen() else {
            throw Problem(
                "busy",
                title: "Too many listen",
                status: 503,
                detail: "\(LiveFeed.maximumListeners) pages listen already",
                remedy: "ask again and again instead of listening"
            )
        }
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: 3000\nevent: hello\ndata: {}\n\n"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (signals, continuation) = AsyncStream.makeStream(
                    of: Signal.self,
                    bufferingPolicy: .bufferingNewest(LiveFeed.maximumPending)
                )
                group.addTask {
                    for await change in changes { continuation.yield(.change(change)) }
                    continuation.finish()
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(heartbeatSeconds))
                        continuation.yield(.heartbeat)
                    }
                }
                for await signal in signals.cancelOnGracefulShutdown() {
                    guard let text = text(for: signal, tenant: tenant) else { continue }
                    try await writer.write(ByteBuffer(string: text))
                }
                group.cancelAll()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func text(for signal: Signal, tenant: String) -> String? {
        guard case .change(let change) = signal else { return ": still here\n\n" }
        if let other = change.tenant, other != tenant { return nil }
        let resource: ChangeResource
        switch change {
        case .gateway(let key): resource = ChangeResource(what: "gateway", gateway: key.gateway)
        case .device(let key, let device):
            resource = ChangeResource(what: "device", gateway: key.gateway, device: device)
        case .events(let key, let last):
            resource = ChangeResource(what: "events", gateway: key.gateway, event: last)
        case .policy(_, let hash): resource = ChangeResource(what: "policy", policy: hash)
        case .token(_, let id): resource = ChangeResource(what: "token", token: id)
        case .everything: resource = ChangeResource(what: "everything")
        }
        guard let json = try? JSONBody.text(resource) else { return nil }
        return "event: change\ndata: \(json)\n\n"
    }
}
