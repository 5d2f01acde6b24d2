public import NetworkTypes
import WireProtocol

extension PolicyBundle {
    /// The format of the encoding. A reader refuses every other.
    public static let formatVersion: UInt64 = 1

    /// Deterministic CBOR, as PROTOCOL.md in WireProtocol describes it: the payload of a `PolicyEnvelope`.
    public func encoded() -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.unsigned(1, PolicyBundle.formatVersion)
            map.unsigned(2, generation)
            map.unsigned(3, issuedAtSeconds)
            map.unsigned(4, notAfterSeconds)
            if target != PolicyTarget() {
                map.map(5) {
                    $0.texts(1, target.gateways)
                    $0.texts(2, target.sites)
                }
            }
            map.map(6) { baseline.encodeFields(&$0) }
            map.array(7, allowlists) { allowlist, encoder in encoder.map { allowlist.encodeFields(&$0) } }
            if let rollbackFrom { map.item(8) { $0.unsigned(rollbackFrom) } }
            map.array(9, tags) { tag, encoder in
                encoder.map {
                    $0.text(1, tag.name)
                    $0.texts(2, tag.devices)
                }
            }
        }
    }

    /// Decodes all of `bytes`.
    ///
    /// Stricter than messages are: a key that is not known is an error, for a policy that is understood in part would
    /// be enforced in part; and bytes that this bundle would not encode to again are `.notCanonical`.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count <= PolicyLimits.bundleBytes else { throw DecodeError(.limitExceeded, at: bytes.count) }
        self.init()
        var reader = ByteReader(bytes.span)
        var map = try CBORMapReader(parsing: &reader)
        var version: UInt64 = 0
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: version = try reader.readCBORUnsigned()
            case 2: generation = try reader.readCBORUnsigned()
            case 3: issuedAtSeconds = try reader.readCBORUnsigned()
            case 4: notAfterSeconds = try reader.readCBORUnsigned()
            case 5: target = try PolicyTarget(parsing: &reader)
            case 6: baseline = try Baseline(parsing: &reader)
            case 7:
                for _ in 0..<(try reader.readCBORArray(limit: PolicyLimits.allowlistCount)) {
                    allowlists.append(try Allowlist(parsing: &reader))
                }
            case 8: rollbackFrom = try reader.readCBORUnsigned()
            case 9:
                for _ in 0..<(try reader.readCBORArray(limit: PolicyLimits.tagCount)) {
                    tags.append(try DeviceTag(parsing: &reader))
                }
            default: throw reader.error(.unsupported)
            }
            guard version == PolicyBundle.formatVersion else { throw reader.error(.unsupported) }
        }
        try reader.expectEnd()
        guard encoded() == bytes else { throw DecodeError(.notCanonical, at: 0) }
    }
}

extension DeviceTag {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init(name: "", devices: [])
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: name = try reader.readCBORText(limit: PolicyLimits.nameBytes)
            case 2: devices = try reader.readTexts(limit: PolicyLimits.devicesPerTag)
            default: throw reader.error(.unsupported)
            }
        }
        guard isInOrder else { throw reader.error(.notCanonical) }
    }
}

extension PolicyTarget {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: gateways = try reader.readTexts()
            case 2: sites = try reader.readTexts()
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension Baseline {
    func encodeFields(_ map: inout CBORMapWriter) {
        map.map(1) { unknown.encodeFields(&$0) }
        map.array(2, blockedPrefixes) { $1.prefix($0) }
        map.array(3, protectedPrefixes) { $1.prefix($0) }
        map.array(4, mustReach) { probe, encoder in
            encoder.array(count: 2)
            encoder.bytes(probe.address.octets)
            encoder.unsigned(UInt64(probe.port))
        }
        if usb != USBPolicy() {
            map.map(5) {
                $0.boolean(1, usb.deauthorisesInput)
                $0.boolean(2, usb.deauthorisesStorage)
                $0.texts(3, usb.allowed)
            }
        }
    }

    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: unknown = try Allowlist(parsing: &reader)
            case 2: blockedPrefixes = try reader.readPrefixes(limit: PolicyLimits.blockedPrefixCount)
            case 3: protectedPrefixes = try reader.readPrefixes(limit: PolicyLimits.protectedPrefixCount)
            case 4:
                for _ in 0..<(try reader.readCBORArray(limit: PolicyLimits.probeCount)) {
                    try reader.expectArray(count: 2)
                    let address = try reader.readAddress()
                    let port = UInt16(try reader.readCBORUnsigned(limit: 0xFFFF))
                    mustReach.append(ReachProbe(address: address, port: port))
                }
            case 5: usb = try USBPolicy(parsing: &reader)
            default: throw reader.error(.unsupported)
            }
        }
    }
}

extension USBPolicy {
    init(parsing reader: inout ByteReader) throws(DecodeError) {
        self.init()
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: deauthorisesInput = try reader.readCBORBoolean()
            case 2: deauthorisesStorage = try reader.readCBORBoolean()
            case 3: allowed = try reader.readTexts()
            default: throw reader.error(.unsupported)
            }
        }
    }
}
