internal import CLinux
internal import NetworkTypes

extension TrackedFlow {
    /// A flow from a message of the table; nil where it names no original tuple.
    package init?(_ reader: NetlinkReader, _ message: NetlinkReader.Message) {
        var original: Tuple?
        var replySource: IPAddress?
        var mark: UInt32 = 0
        var status: UInt32 = 0
        reader.forEachAttribute(reader.attributes(of: message, after: 4)) { attribute in
            switch UInt32(attribute.type) {
            case UInt32(CTA_TUPLE_ORIG.rawValue): original = Tuple(reader, attribute.value)
            case UInt32(CTA_TUPLE_REPLY.rawValue): replySource = Tuple(reader, attribute.value)?.source
            case UInt32(CTA_MARK.rawValue): mark = UInt32(truncatingIfNeeded: reader.bigEndian(attribute.value))
            case UInt32(CTA_STATUS.rawValue): status = UInt32(truncatingIfNeeded: reader.bigEndian(attribute.value))
            default: break
            }
        }
        guard let original else { return nil }
        self.original = original
        self.replySource = replySource
        self.mark = mark
        self.status = status
    }
}

extension TrackedFlow.Tuple {
    init?(_ reader: NetlinkReader, _ range: Range<Int>) {
        var source: IPAddress?
        var destination: IPAddress?
        var number: UInt8?
        var ports: (source: UInt16, destination: UInt16) = (0, 0)
        var icmp = ICMP(identifier: 0, type: 0, code: 0)
        reader.forEachAttribute(range) { part in
            switch UInt32(part.type) {
            case UInt32(CTA_TUPLE_IP.rawValue):
                reader.forEachAttribute(part.value) { address in
                    switch UInt32(address.type) {
                    case UInt32(CTA_IP_V4_SRC.rawValue), UInt32(CTA_IP_V6_SRC.rawValue):
                        source = IPAddress(octets: reader.copy(address.value))
                    case UInt32(CTA_IP_V4_DST.rawValue), UInt32(CTA_IP_V6_DST.rawValue):
                        destination = IPAddress(octets: reader.copy(address.value))
                    default: break
                    }
                }
            case UInt32(CTA_TUPLE_PROTO.rawValue):
                reader.forEachAttribute(part.value) { field in
                    let value = reader.bigEndian(field.value)
                    switch UInt32(field.type) {
                    case UInt32(CTA_PROTO_NUM.rawValue): number = UInt8(truncatingIfNeeded: value)
                    case UInt32(CTA_PROTO_SRC_PORT.rawValue): ports.source = UInt16(truncatingIfNeeded: value)
                    case UInt32(CTA_PROTO_DST_PORT.rawValue): ports.destination = UInt16(truncatingIfNeeded: value)
                    case UInt32(CTA_PROTO_ICMP_ID.rawValue), UInt32(CTA_PROTO_ICMPV6_ID.rawValue):
                        icmp.identifier = UInt16(truncatingIfNeeded: value)
                    case UInt32(CTA_PROTO_ICMP_TYPE.rawValue), UInt32(CTA_PROTO_ICMPV6_TYPE.rawValue):
                        icmp.type = UInt8(truncatingIfNeeded: value)
                    case UInt32(CTA_PROTO_ICMP_CODE.rawValue), UInt32(CTA_PROTO_ICMPV6_CODE.rawValue):
                        icmp.code = UInt8(truncatingIfNeeded: value)
                    default: break
                    }
                }
            default: break
            }
        }
        guard let source, let destination, let number, source.family == destination.family else { return nil }
        let transport = TransportProtocol(rawValue: number)
        self.init(
            source: source,
            destination: destination,
            transport: transport,
            sourcePort: ports.source,
            destinationPort: ports.destination,
            icmp: transport == .icmp || transport == .icmpv6 ? icmp : nil
        )
    }
}

extension NetlinkWriter {
    /// CTA_TUPLE_ORIG, nested as ctnetlink wants it; also remembers the family for the header.
    mutating func appendTuple(_ tuple: TrackedFlow.Tuple) {
        family = ConnectionTracking.number(of: tuple.source.family)
        let isV4 = tuple.source.family == .v4
        nested(UInt16(CTA_TUPLE_ORIG.rawValue)) { writer in
            writer.nested(UInt16(CTA_TUPLE_IP.rawValue)) { writer in
                writer.attribute(UInt16((isV4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC).rawValue), tuple.source.octets)
                writer.attribute(UInt16((isV4 ? CTA_IP_V4_DST : CTA_IP_V6_DST).rawValue), tuple.destination.octets)
            }
            writer.nested(UInt16(CTA_TUPLE_PROTO.rawValue)) { writer in
                writer.attribute(UInt16(CTA_PROTO_NUM.rawValue), [tuple.transport.rawValue])
                if let icmp = tuple.icmp {
                    let first = isV4 ? CTA_PROTO_ICMP_ID.rawValue : CTA_PROTO_ICMPV6_ID.rawValue
                    writer.attribute(UInt16(first), bigEndian: icmp.identifier)
                    writer.attribute(UInt16(first + 1), [icmp.type])
                    writer.attribute(UInt16(first + 2), [icmp.code])
                } else {
                    writer.attribute(UInt16(CTA_PROTO_SRC_PORT.rawValue), bigEndian: tuple.sourcePort)
                    writer.attribute(UInt16(CTA_PROTO_DST_PORT.rawValue), bigEndian: tuple.destinationPort)
                }
            }
        }
    }
}
