public import NetworkTypes

/// The data of an SVCB or HTTPS record (RFC 9460 §2.2).
///
/// The target is never compressed, so the data can be taken apart and put together outside their message.
public struct DNSServiceBinding: Hashable, Sendable {
    /// One parameter.
    public struct Parameter: Hashable, Sendable {
        /// Its number (RFC 9460 §14.3.2): 1 alpn, 3 port, 4 ipv4hint, 5 ech, 6 ipv6hint.
        public var key: UInt16
        /// Its value on the wire.
        public var value: [UInt8]

        /// A parameter.
        public init(key: UInt16, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// `ipv4hint`
    public static let ipv4HintKey: UInt16 = 4
    /// `ech`, the configuration that hides the server name (RFC 9460 §14.3.2).
    public static let encryptedClientHelloKey: UInt16 = 5
    /// `ipv6hint`
    public static let ipv6HintKey: UInt16 = 6

    /// 0: an alias of `target`; else a service, the lowest first.
    public var priority: UInt16
    /// Where the service is; the root stands for the record's own name.
    public var target: DNSName
    /// Its parameters in ascending order of their keys.
    public var parameters: [Parameter]

    /// Data that fill all of `bytes`.
    public init(_ bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        try self.init(parsing: &reader)
    }

    /// Data that fill all that `reader` has left.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        priority = try reader.readUInt16()
        // A pointer is not allowed: with the start of the message at the end of the data none can lead back.
        target = try DNSName(parsing: &reader, messageStart: reader.end)
        parameters = []
        var previousKey = -1
        while !reader.isAtEnd {
            let key = try reader.readUInt16()
            guard Int(key) > previousKey else { throw reader.error(.malformed) }
            previousKey = Int(key)
            let length = Int(try reader.readUInt16())
            parameters.append(Parameter(key: key, value: try reader.readBytes(length)))
        }
    }

    /// The data on the wire.
    public var bytes: [UInt8] {
        var writer = DNSWriter()
        writer.append(priority)
        writer.append(target, compressing: false)
        for parameter in parameters {
            writer.append(parameter.key)
            writer.append(UInt16(truncatingIfNeeded: parameter.value.count))
            writer.append(parameter.value)
        }
        return writer.bytes
    }

    /// The addresses of both hints; an odd rest is passed over.
    public var addressHints: [IPAddress] {
        var addresses: [IPAddress] = []
        for parameter in parameters {
            let length = parameter.key == DNSServiceBinding.ipv4HintKey ? 4 : 16
            guard parameter.key == DNSServiceBinding.ipv4HintKey || parameter.key == DNSServiceBinding.ipv6HintKey
            else { continue }
            var index = 0
            while index + length <= parameter.value.count {
                if let address = IPAddress(octets: Array(parameter.value[index..<(index + length)])) {
                    addresses.append(address)
                }
                index += length
            }
        }
        return addresses
    }

    /// Takes out the parameters with this key.
    public mutating func removeParameters(key: UInt16) { parameters.removeAll { $0.key == key } }
}
