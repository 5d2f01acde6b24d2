import CollectorAPI
import Foundation
import NetworkTypes
import WireProtocol

/// The collector's API, as this user.
struct CollectorClient {
    private let https: HTTPSClient
    private let token: String?

    /// A client without a token, for the login.
    init(address: CollectorAddress, caSHA256: String) throws(ControlError) {
        https = try HTTPSClient(address: address, caSHA256: caSHA256)
        token = nil
    }

    /// A client for the profile of this user.
    static func fromProfile() throws(ControlError) -> CollectorClient { try CollectorClient(try Profile.load()) }

    /// A client for a profile.
    init(_ profile: Profile) throws(ControlError) {
        guard let address = CollectorAddress(profile.collector) else {
            throw ControlError(.badConfiguration, "\(Profile.path): \(profile.collector) is no address; log in again")
        }
        https = try HTTPSClient(address: address, caSHA256: profile.caSHA256)
        token = profile.token
    }

    /// A JSON answer.
    func get<Value: Decodable>(_ type: Value.Type, _ path: String) throws(ControlError) -> Value {
        try decode(type, try send("GET", path, body: [], contentType: nil))
    }

    /// All pages of a listing, up to `limit` rows.
    func list<Item: Codable & Sendable>(
        _ type: Item.Type,
        _ path: String,
        query: [(String, String)] = [],
        limit: Int = 10_000
    ) throws(ControlError) -> [Item] {
        var items: [Item] = []
        var cursor: String?
        repeat {
            var query = query + [("limit", String(min(500, limit - items.count)))]
            if let cursor { query.append(("cursor", cursor)) }
            let page = try get(Page<Item>.self, path + CollectorClient.queryText(query))
            items += page.items
            cursor = page.next
        } while cursor != nil && items.count < limit
        return items
    }

    /// Posts JSON for a JSON answer.
    func post<Value: Decodable>(
        _ type: Value.Type,
        _ path: String,
        _ body: some Encodable
    ) throws(ControlError) -> Value {
        try decode(
            type,
            try send("POST", path, body: try CollectorClient.encode(body), contentType: "application/json")
        )
    }

    /// Posts bytes for a JSON answer.
    func post<Value: Decodable>(
        _ type: Value.Type,
        _ path: String,
        bytes: [UInt8],
        contentType: String
    ) throws(ControlError) -> Value {
        try decode(type, try send("POST", path, body: bytes, contentType: contentType))
    }

    /// Does something that has no answer but that it is done.
    func perform(_ method: String, _ path: String) throws(ControlError) {
        _ = try send(method, path, body: [], contentType: nil)
    }

    /// Does something that has a JSON answer.
    func post<Value: Decodable>(_ type: Value.Type, _ path: String) throws(ControlError) -> Value {
        try decode(type, try send("POST", path, body: [], contentType: nil))
    }

    /// The bytes of an answer, at most `limit`.
    func bytes(
        _ path: String,
        limit: Int = HTTPResponseParser.Limits.bodyBytes
    ) throws(ControlError) -> [UInt8] {
        try send("GET", path, body: [], contentType: nil, limit: limit).body
    }

    private func send(
        _ method: String,
        _ path: String,
        body: [UInt8],
        contentType: String?,
        limit: Int = HTTPResponseParser.Limits.bodyBytes
    ) throws(ControlError) -> HTTPResponse {
        var headers = [("Accept", "application/json, application/problem+json")]
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let contentType { headers.append(("Content-Type", contentType)) }
        let response = try https.exchange(method, path, headers: headers, body: body, limit: limit)
        guard (200..<300).contains(response.status) else { throw CollectorClient.failure(response) }
        return response
    }

    private static func failure(_ response: HTTPResponse) -> ControlError {
        if let problem = try? JSONDecoder().decode(Problem.self, from: Data(response.body)) {
            return ControlError(problem)
        }
        return ControlError(
            .failed,
            "the collector answered with status \(response.status); is it a Gatehouse collector?"
        )
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type,
        _ response: HTTPResponse
    ) throws(ControlError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw ControlError(.failed, "the collector's answer is not what this version expects; use the same version")
        }
    }

    private static func encode(_ value: some Encodable) throws(ControlError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            throw ControlError(.failed, "the request cannot be written as JSON")
        }
    }

    /// `?a=b&c=d`, percent-encoded; empty without parameters.
    static func queryText(_ parameters: [(String, String)]) -> String {
        guard !parameters.isEmpty else { return "" }
        return "?" + parameters.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
    }

    /// Percent-encoded for a part of a path or a query (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.append(Character(Unicode.Scalar(byte)))
            default: result += "%" + Hexadecimal.encode([byte]).text.uppercased()
            }
        }
        return result
    }
}
