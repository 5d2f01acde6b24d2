import Fingerprinting
public import NetworkTypes
import Policy

/// Where a device says that more is to be learnt of it, checked: on the device itself, at a port that may be asked.
public struct ProbeLocation: Hashable, Sendable {
    /// Longest path.
    public static let maximumPathLength = 256

    /// TCP port.
    public let port: UInt16
    /// Begins with `/`; printable ASCII without blanks.
    public let path: ByteString

    /// The part of an `http://` URL whose host is the very address the answer came from; nil for any other, and for ports
    /// that are printers', an industrial protocol's, or below 1024 and not 80.
    public init?(_ url: ByteString, of address: IPAddress) {
        guard url.lowercasedASCII.hasPrefix("http://") else { return nil }
        let rest = url.bytes.dropFirst(7)
        let authority = ByteString(Array(rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }))
        var path = ByteString(Array(rest.dropFirst(authority.count)))
        if path.bytes.first != 0x2F { path = "/\(path)" }
        guard path.count <= ProbeLocation.maximumPathLength else { return nil }
        // A line end would begin a header of the device's own making.
        for byte in path.bytes where byte <= 0x20 || byte >= 0x7F { return nil }
        var host = authority
        var port: UInt16 = 80
        let colon = authority.bytes.lastIndex(of: 0x3A)
        let bracket = authority.bytes.lastIndex(of: 0x5D)
        if let colon, colon > (bracket ?? -1), bracket != nil || authority.bytes.firstIndex(of: 0x3A) == colon {
            guard let number = Decimal.parse(ByteString(Array(authority.bytes[(colon + 1)...])), limit: 65_535) else {
                return nil
            }
            port = UInt16(number)
            host = ByteString(Array(authority.bytes[..<colon]))
        }
        if host.bytes.first == 0x5B, host.bytes.last == 0x5D {
            host = ByteString(Array(host.bytes.dropFirst().dropLast()))
        }
        guard IPAddress(host) == address, ProbeLocation.isAllowed(port) else { return nil }
        self.port = port
        self.path = path
    }

    private static func isAllowed(_ port: UInt16) -> Bool {
        (port == 80 || port >= 1024) && !ProbeKind.isForbidden(port: port) && !SignalExtractor.isIndustrial(port: port)
    }
}
