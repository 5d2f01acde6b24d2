/// Paths of the console's pages. What stands in a path is percent-encoded byte by byte (RFC 3986 §2.3).
enum ConsolePath {
    static let fleet = "/"

    static func gateway(_ id: String) -> String { "/gateways/\(encoded(id))" }

    static func device(_ key: String, gateway: String) -> String { "\(self.gateway(gateway))/devices/\(encoded(key))" }

    static func release(_ key: String, gateway: String) -> String { device(key, gateway: gateway) + "/release" }

    /// Where to go after signing in: a path of ours, whatever was asked for. `//host` and `/\host` lead elsewhere.
    static func safe(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), path.utf8.count < 1024
        else { return fleet }
        return path
    }

    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
