import CollectorAPI
import CollectorTestSupport
import Foundation
import NetworkTypes
import WireProtocol

@testable import gatehousectl

/// Requests to a live collector, off the pool of threads.
struct APIClient: Sendable {
    let collector: LiveCollector
    var token: String?
    var cookie: String?

    init(_ collector: LiveCollector) { self.collector = collector }

    /// Logged in as one of the sample people.
    static func loggedIn(_ collector: LiveCollector, as user: String) async throws -> APIClient {
        var client = APIClient(collector)
        let answer = try await client.send(
            "POST",
            "/api/v1/login",
            json: LoginRequest(user: user, password: SampleFleet.password)
        )
        client.token = try answer.decoded(LoginResponse.self).token
        return client
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body))
        }
    }

    func get(_ path: String) async throws -> Answer { try await send("GET", path) }

    func send(_ method: String, _ path: String, json: some Encodable & Sendable) async throws -> Answer {
        try await send(method, path, body: Array(try JSONEncoder().encode(json)), type: "application/json")
    }

    /// Posts the fields of a form.
    func post(_ path: String, form: [(String, String)]) async throws -> Answer {
        let text = form.map { "\($0.0)=\(CollectorClient.encoded($0.1))" }.joined(separator: "&")
        return try await send("POST", path, body: Array(text.utf8), type: "application/x-www-form-urlencoded")
    }

    func send(
        _ method: String,
        _ path: String,
        body: [UInt8] = [],
        type: String? = nil,
        headers more: [(String, String)] = []
    ) async throws -> Answer {
        var headers = more
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let cookie { headers.append(("Cookie", cookie)) }
        if let type { headers.append(("Content-Type", type)) }
        let port = UInt16(collector.port)
        let pin = collector.caSHA256
        let all = headers
        return try await LiveCollector.blocking {
            guard let address = CollectorAddress("127.0.0.1:\(port)") else { throw LiveCollectorError.notStarted }
            let client = try HTTPSClient(address: address, caSHA256: pin)
            let answer = try client.exchange(method, path, headers: all, body: body)
            return Answer(
                status: Int(answer.status),
                headers: answer.headers.map { ($0.name.text, $0.value.text) },
                body: answer.body
            )
        }
    }
}
