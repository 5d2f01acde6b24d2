import CollectorAPI
import CollectorCore
import CollectorTestSupport
import Foundation
import NetworkTypes
import TLS
import Testing

@testable import CollectorServer
@testable import gatehousectl

/// Server-sent events reach who listens.
@Suite struct APIStreamTests {
    /// Reads a stream until `isEnough`.
    static func read(
        _ collector: LiveCollector,
        token: String,
        until isEnough: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let port = UInt16(collector.port)
        let pin = try #require(Hexadecimal.decode(ByteString(utf8: collector.caSHA256)))
        return try await LiveCollector.blocking {
            let socket = try TCPConnection.connect(host: "127.0.0.1", port: port, timeoutMilliseconds: 5000)
            let context = try TLSContext.client(pinnedCASHA256: pin)
            let engine = try TLSEngine(context: context, serverName: "127.0.0.1")
            try engine.start()
            var isSent = false
            var text = ""
            while !isEnough(text) {
                if engine.state == .established, !isSent {
                    let head = "GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n"
                    try engine.write(Array(head.utf8))
                    isSent = true
                }
                try socket.send(engine.takeOutgoing(), timeoutMilliseconds: 5000)
                if isSent, engine.outgoingCount == 0 || text.isEmpty {
                    let bytes = try socket.receive(timeoutMilliseconds: 20_000)
                    if bytes.isEmpty { break }
                    try engine.receive(bytes)
                } else {
                    try engine.receive(try socket.receive(timeoutMilliseconds: 20_000))
                }
                while let payload = try engine.read() { text += String(decoding: payload, as: UTF8.self) }
            }
            return text
        }
    }

    @Test func aChangeIsToldAndOtherTenantsAreNot() async throws {
        let store = MemoryStore()
        try SampleFleet.addPeople(store)
        try await LiveCollector.run(store) { collector in
            let token = try #require(try await APIClient.loggedIn(collector, as: "viewer").token)
            async let stream = APIStreamTests.read(collector, token: token) { $0.contains("\"what\":\"device\"") }
            while collector.services.feed.listenerCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
            store.put(GatewayRecord(key: GatewayKey(tenant: "other", gateway: "theirs"), name: ""))
            let gateway = SampleFleet.addGateway(store, "g-1", name: "one", site: "s")
            SampleFleet.addCamera(store, gateway)
            let text = try await stream
            #expect(
                text.contains("content-type: text/event-stream") || text.contains("Content-Type: text/event-stream")
            )
            #expect(text.contains("event: hello\n"))
            #expect(text.contains("event: change\ndata: {\"gateway\":\"g-1\",\"what\":\"gateway\"}\n\n"))
            #expect(!text.contains("theirs"))
        }
    }

    @Test func aSlowListenerIsToldToReadEverything() async throws {
        let feed = LiveFeed(store: MemoryStore())
        let stream = try #require(feed.listen())
        for index in 0..<(LiveFeed.maximumPending * 4) {
            feed.publish(.gateway(GatewayKey(gateway: "g-\(index)")))
        }
        feed.finish()
        var last: [StoreChange] = []
        for await change in stream { last.append(change) }
        #expect(last.count <= LiveFeed.maximumPending)
        #expect(last.contains(.everything))
    }
}
