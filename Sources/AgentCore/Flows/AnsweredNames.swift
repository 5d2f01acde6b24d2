public import NetworkTypes
public import PacketParsing

/// For which name each device was told an address: by the agent's own resolver where a policy is in force; before that by
/// whatever resolver, read from the answers on their way to it.
public struct AnsweredNames: Sendable {
    /// Most addresses of all devices; the oldest goes first.
    public static let maximumAddresses = 2048
    /// Most addresses of one device.
    public static let maximumAddressesPerDevice = 256

    private struct Key: Hashable {
        var device: MACAddress
        var address: IPAddress
    }

    private struct Entry {
        var name: DomainName
        /// Rises with every answer: the lowest is the oldest.
        var number: UInt64
    }

    private var entries: HashTable<Key, Entry> = HashTable()
    private var counts: HashTable<MACAddress, Int> = HashTable()
    private var lastNumber: UInt64 = 0
    /// Addresses that made room for others.
    public private(set) var evictedCount: UInt64 = 0

    /// No names.
    public init() {}

    /// Addresses known.
    public var count: Int { entries.count }

    /// The name that the device asked for when it was told the address, the last one where there are several.
    public func name(device: MACAddress, address: IPAddress) -> DomainName? {
        entries[Key(device: device, address: address)]?.name
    }

    /// The answer of a resolver in a frame that leaves on a device interface, and to which address; nil where it is something
    /// else, or came over TCP.
    public static func answer(in frame: Span<UInt8>) -> (client: IPAddress, message: DNSMessage)? {
        do throws(DecodeError) {
            var reader = ByteReader(frame)
            let link = try LinkHeader(parsing: &reader, linkType: .ethernet)
            guard link.etherType == .ipv4 || link.etherType == .ipv6 else { return nil }
            let ip = try IPHeader(parsing: &reader)
            guard ip.transport == .udp, !ip.isFragment else { return nil }
            let udp = try UDPHeader(parsing: &reader)
            guard udp.sourcePort == 53 else { return nil }
            var payload = try reader.slice(Swift.min(udp.payloadLength ?? reader.remaining, reader.remaining))
            let message = try DNSMessage(parsing: &payload)
            return message.flags.isResponse ? (ip.destination, message) : nil
        } catch {
            return nil
        }
    }

    /// An answer that a device is given.
    mutating func note(_ message: DNSMessage, to device: MACAddress) {
        guard message.flags.isResponse, message.flags.responseCode == .noError, message.questions.count == 1,
            let name = message.questions[0].name.domainName, !name.byteString.isEmpty,
            var answer = try? DNSAnswer(message, to: message.questions[0], wantsDNSSEC: false)
        else { return }
        note(answer.keepAddresses({ _ in true }), of: name, to: device)
    }

    /// Addresses that a device is told for a name.
    mutating func note(_ addresses: [IPAddress], of name: DomainName, to device: MACAddress) {
        lastNumber += 1
        for address in addresses { add(Key(device: device, address: address), name) }
    }

    private mutating func add(_ key: Key, _ name: DomainName) {
        if entries[key] == nil {
            if counts[key.device, default: 0] >= AnsweredNames.maximumAddressesPerDevice { evict(of: key.device) }
            if entries.count >= AnsweredNames.maximumAddresses { evict(of: nil) }
            counts[key.device, default: 0] += 1
        }
        entries[key] = Entry(name: name, number: lastNumber)
    }

    private mutating func evict(of device: MACAddress?) {
        var victim = -1
        for (index, key) in entries.keys.enumerated() where device == nil || key.device == device {
            guard victim < 0 || entries.values[index].number < entries.values[victim].number else { continue }
            victim = index
        }
        guard victim >= 0 else { return }
        let key = entries.keys[victim]
        entries.removeValue(forKey: key)
        let left = counts[key.device, default: 1] - 1
        counts[key.device] = left == 0 ? nil : left
        evictedCount += 1
    }
}
