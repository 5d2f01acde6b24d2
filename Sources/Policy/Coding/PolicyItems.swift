import NetworkTypes
import WireProtocol

// Items that several parts of a bundle share.

extension CBORMapWriter {
    mutating func texts(_ key: UInt64, _ values: [ByteString]) { array(key, values) { $1.text($0) } }
}

extension CBOREncoder {
    /// `[address, length]`
    mutating func prefix(_ prefix: IPPrefix) {
        array(count: 2)
        bytes(prefix.address.octets)
        unsigned(UInt64(prefix.length))
    }
}

extension ByteReader {
    mutating func readTexts(limit: Int = PolicyLimits.matchEntries) throws(DecodeError) -> [ByteString] {
        var texts: [ByteString] = []
        for _ in 0..<(try readCBORArray(limit: limit)) {
            texts.append(try readCBORText(limit: PolicyLimits.textBytes))
        }
        return texts
    }

    mutating func readAddress() throws(DecodeError) -> IPAddress {
        let start = position
        guard let address = IPAddress(octets: try readCBORBytes(limit: 16).bytes) else {
            throw DecodeError(.malformed, at: start)
        }
        return address
    }

    mutating func readPrefix() throws(DecodeError) -> IPPrefix {
        let start = position
        try expectArray(count: 2)
        let address = try readAddress()
        let length = Int(try readCBORUnsigned(limit: UInt64(address.bitWidth)))
        guard let prefix = IPPrefix(address, length: length), prefix.address == address else {
            throw DecodeError(.notCanonical, at: start)
        }
        return prefix
    }

    mutating func readPrefixes(limit: Int) throws(DecodeError) -> [IPPrefix] {
        var prefixes: [IPPrefix] = []
        for _ in 0..<(try readCBORArray(limit: limit)) { prefixes.append(try readPrefix()) }
        return prefixes
    }

    mutating func expectArray(count: Int) throws(DecodeError) {
        let start = position
        guard try readCBORArray(limit: count) == count else { throw DecodeError(.malformed, at: start) }
    }

    mutating func readUInt32Value() throws(DecodeError) -> UInt32 {
        UInt32(try readCBORUnsigned(limit: UInt64(UInt32.max)))
    }
}
