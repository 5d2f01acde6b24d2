internal import CollectorAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The fields of a form (`application/x-www-form-urlencoded`, WHATWG URL §5).
struct FormBody: Sendable {
    /// Most bytes of a form.
    static let maximumBytes = 16 * 1024

    private let fields: [String: String]

    /// Reads the body of a request.
    init(_ request: Request) async throws {
        let media = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
        guard media.lowercased() == "application/x-www-form-urlencoded" else {
            throw Problem.badRequest("the form comes as \(media.isEmpty ? "nothing" : media)")
        }
        let buffer = try await JSONBody.collect(request, limit: FormBody.maximumBytes)
        self.init(String(buffer: buffer))
    }

    /// Reads a text; of fields with one name the first counts.
    init(_ text: String) {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = FormBody.decoded(parts[0])
            if fields[name] == nil { fields[name] = parts.count == 2 ? FormBody.decoded(parts[1]) : "" }
        }
        self.fields = fields
    }

    /// A field; nil where it is not there.
    subscript(name: String) -> String? { fields[name] }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%"), index + 2 < source.count, let high = digit(source[index + 1]),
                let low = digit(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: return byte - 0x30
        case 0x41...0x46: return byte - 0x41 + 10
        case 0x61...0x66: return byte - 0x61 + 10
        default: return nil
        }
    }
}
