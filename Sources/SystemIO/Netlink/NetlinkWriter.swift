internal import CLinux
internal import NetworkTypes

/// Builds one netlink request: a header (linux/netlink.h `struct nlmsghdr`), a family header, and attributes.
///
/// Header fields are in the host's byte order; what netfilter wants in network order is written with `bigEndian`.
package struct NetlinkWriter {
    /// The bytes so far; padded to four at every attribute's end.
    package private(set) var bytes: [UInt8] = []
    private var messageStart = 0
    /// The address family that a tuple was written for; ctnetlink wants it in the header.
    package var family: UInt8 = 0

    package init() {}

    /// Begins a message; `finish` of the one before must have been called.
    package mutating func begin(type: UInt16, flags: UInt16, sequence: UInt32) {
        messageStart = bytes.count
        append(UInt32(0))
        append(type)
        append(flags)
        append(sequence)
        append(UInt32(0))
    }

    /// The header of netfilter's messages (linux/netfilter/nfnetlink.h `struct nfgenmsg`).
    package mutating func appendNetfilterHeader(family: UInt8, resource: UInt16) {
        bytes.append(family)
        bytes.append(UInt8(NFNETLINK_V0))
        append(bigEndian: resource)
    }

    /// Host order.
    package mutating func append<Number: FixedWidthInteger>(_ value: Number) {
        var rest = value.littleEndian
        #if _endian(big)
        rest = value.bigEndian
        #endif
        for _ in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest = Number.bitWidth > 8 ? rest >> 8 : 0
        }
    }

    /// Network order.
    package mutating func append(bigEndian value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    /// Network order.
    package mutating func append(bigEndian value: UInt32) {
        append(bigEndian: UInt16(truncatingIfNeeded: value >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: value))
    }

    /// Plain bytes, not padded.
    package mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

    /// An attribute (`struct nlattr`) with its bytes.
    package mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        append(UInt16(value.count + 4))
        append(type)
        bytes.append(contentsOf: value)
        pad()
    }

    /// A 32-bit attribute in network order, as netfilter has them.
    package mutating func attribute(_ type: UInt16, bigEndian value: UInt32) {
        append(UInt16(8))
        append(type)
        append(bigEndian: value)
    }

    /// A 16-bit attribute in network order.
    package mutating func attribute(_ type: UInt16, bigEndian value: UInt16) {
        append(UInt16(6))
        append(type)
        append(bigEndian: value)
        pad()
    }

    /// An attribute that holds attributes (NLA_F_NESTED).
    package mutating func nested(_ type: UInt16, _ body: (inout NetlinkWriter) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(type | 0x8000)
        body(&self)
        patch16(at: start, UInt16(truncatingIfNeeded: bytes.count - start))
    }

    /// Changes one byte that was written before.
    package mutating func setByte(at offset: Int, _ value: UInt8) { bytes[offset] = value }

    /// Closes the message that `begin` opened.
    package mutating func finish() {
        let length = UInt32(bytes.count - messageStart)
        var part = NetlinkWriter()
        part.append(length)
        for index in 0..<4 { bytes[messageStart + index] = part.bytes[index] }
    }

    private mutating func pad() {
        while (bytes.count - messageStart) % 4 != 0 { bytes.append(0) }
    }

    private mutating func patch16(at offset: Int, _ value: UInt16) {
        var part = NetlinkWriter()
        part.append(value)
        bytes[offset] = part.bytes[0]
        bytes[offset + 1] = part.bytes[1]
    }
}
