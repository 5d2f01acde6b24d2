internal import CollectorAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOFoundationCompat

import class Foundation.JSONDecoder
import class Foundation.JSONEncoder

/// JSON in and out of requests.
enum JSONBody {
    static let mediaType = "application/json"

    static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let buffer = ByteBuffer(data: try encoder.encode(value))
        var headers = HTTPFields()
        headers[.contentType] = mediaType
        headers[.contentLength] = String(buffer.readableBytes)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: buffer))
    }

    /// One line of JSON.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Decodes a body of at most `APIContext.maximumBodyBytes`; says what is wrong with it otherwise.
    static func decode<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        let media = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard media.lowercased() == mediaType else {
            throw Problem(
                "unsupported-media-type",
                title: "The body has the wrong type",
                status: 415,
                detail: "the body is \(media.isEmpty ? "of no type" : media)",
                remedy: "send Content-Type: \(mediaType)"
            )
        }
        let buffer = try await collect(request, limit: APIContext.maximumBodyBytes)
        do {
            return try JSONDecoder().decode(type, from: buffer)
        } catch let error as DecodingError {
            throw Problem.badRequest("the body is not what it should be: \(words(error))")
        }
    }

    /// All of a body, refused as too large past `limit` bytes.
    static func collect(_ request: Request, limit: Int) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem(
                "too-large",
                title: "The body is too large",
                status: 413,
                detail: "a body here has at most \(limit) bytes",
                remedy: "send less"
            )
        }
    }

    private static func words(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at " + context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(key.stringValue) is missing\(path(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "\(context.debugDescription)\(path(context))"
        @unknown default: return "it cannot be read"
        }
    }
}
