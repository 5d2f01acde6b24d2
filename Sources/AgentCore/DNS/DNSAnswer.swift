import NetworkTypes
import PacketParsing

/// What an upstream said, without what was not asked for.
///
/// DNAME records go too: the CNAME records made from them, which every resolver sends along (RFC 6672 §3.1), stay.
struct DNSAnswer: Sendable {
    /// The chain of CNAME records leads in a circle, or is longer than `DNSLimits.chainLinks`.
    enum Failure: Error { case brokenChain }

    // IANA "Domain Name System Parameters", RFC 4034 and RFC 5155.
    private static let rrsig = DNSRecordType(rawValue: 46)
    private static let nsec3 = DNSRecordType(rawValue: 50)
    /// `mandatory`, the keys a client must know (RFC 9460 §8).
    private static let mandatoryKey: UInt16 = 0

    /// The records that answer the question; those that deny it in the authority section.
    private(set) var message: DNSMessage
    /// How many records were taken out.
    private(set) var removedRecords: UInt64 = 0
    /// How many addresses `keepAddresses` took out because they are not for public names.
    private(set) var removedAddresses: UInt64 = 0
    /// How many addresses `keepAddresses` took out because there were too many.
    private(set) var excessAddresses: UInt64 = 0

    /// Takes out of `message` all that does not answer `question`.
    init(_ message: DNSMessage, to question: DNSQuestion, wantsDNSSEC: Bool) throws(Failure) {
        self.message = message
        let recordCount = message.answers.count + message.authorities.count
        let chain = try DNSAnswer.chain(in: message.answers, from: question)
        let end = chain[chain.count - 1]
        self.message.answers = message.answers.compactMap { (record: DNSRecord) -> DNSRecord? in
            guard record.recordClass == .internet else { return nil }
            if let index = chain.firstIndex(of: record.name) {
                if record.type == DNSAnswer.rrsig { return wantsDNSSEC || question.type == .any ? record : nil }
                if record.type == .cname, index + 1 < chain.count {
                    return record.target == chain[index + 1] ? record : nil
                }
            }
            guard record.name == end, record.type == question.type || question.type == .any else { return nil }
            return DNSAnswer.withoutEncryptedClientHello(record)
        }
        // The upstream vouched for what it said, not for what is left of it.
        if self.message.answers != message.answers { self.message.flags.isAuthenticData = false }
        let denies = !self.message.answers.contains { $0.name == end && $0.type != DNSAnswer.rrsig }
        self.message.authorities = message.authorities.filter { record in
            guard denies, record.recordClass == .internet else { return false }
            if record.type == .soa { return true }
            return wantsDNSSEC && [.nsec, DNSAnswer.nsec3, DNSAnswer.rrsig].contains(record.type)
        }
        self.message.additionals = []
        let kept = self.message.answers.count + self.message.authorities.count
        removedRecords = UInt64(recordCount - kept)
    }

    /// An answer that went through `init` before it was put into the cache.
    init(cached message: DNSMessage) { self.message = message }

    /// Whether no record of the type asked for is there, or no such name.
    func isDenial(of type: DNSRecordType) -> Bool {
        if message.flags.responseCode == .nameError || type == .any { return message.answers.isEmpty }
        return !message.answers.contains { $0.type == type }
    }

    /// How long the answer may be kept, in seconds; 0 for not at all. Makes no record live longer than
    /// `maximumSeconds`, and those of denials no longer than `DNSLimits.negativeSeconds`.
    mutating func limitLifetime(toSeconds maximumSeconds: UInt32, askedFor type: DNSRecordType) -> UInt32 {
        message.limitTimesToLive(toSeconds: maximumSeconds)
        guard message.flags.responseCode == .nameError || isDenial(of: type) else {
            return message.shortestTimeToLiveSeconds ?? 0
        }
        var lifetime: UInt32 = 0
        for record in message.authorities where record.type == .soa {
            guard case .startOfAuthority(_, _, let numbers) = record.data, let minimum = numbers.last else { continue }
            // RFC 2308 §5: the lesser of the record's own time and its last number.
            lifetime = Swift.min(record.timeToLiveSeconds, minimum, DNSLimits.negativeSeconds)
            break
        }
        for index in message.authorities.indices {
            message.authorities[index].timeToLiveSeconds =
                Swift.min(message.authorities[index].timeToLiveSeconds, DNSLimits.negativeSeconds)
        }
        return Swift.min(lifetime, message.shortestTimeToLiveSeconds ?? lifetime)
    }

    /// Takes out the addresses that `isFit` refuses, and those beyond `DNSLimits.addressesPerAnswer`; returns the rest,
    /// each once.
    mutating func keepAddresses(_ isFit: (IPAddress) -> Bool) -> [IPAddress] {
        var kept: [IPAddress] = []
        var removed: UInt64 = 0
        var excess: UInt64 = 0
        func keeps(_ address: IPAddress) -> Bool {
            guard isFit(address) else {
                removed += 1
                return false
            }
            if kept.contains(address) { return true }
            guard kept.count < DNSLimits.addressesPerAnswer else {
                excess += 1
                return false
            }
            kept.append(address)
            return true
        }
        message.answers = message.answers.compactMap { (record: DNSRecord) -> DNSRecord? in
            if let address = record.address { return keeps(address) ? record : nil }
            return DNSAnswer.mapHints(of: record, keeps)
        }
        removedAddresses += removed
        excessAddresses += excess
        return kept
    }

    /// The names from the one asked to the one that has the records.
    private static func chain(in answers: [DNSRecord], from question: DNSQuestion) throws(Failure) -> [DNSName] {
        var chain = [question.name]
        guard question.type != .cname else { return chain }
        while true {
            let current = chain[chain.count - 1]
            let link = answers.first { $0.type == .cname && $0.recordClass == .internet && $0.name == current }
            guard let target = link?.target else { return chain }
            guard chain.count <= DNSLimits.chainLinks, !chain.contains(target) else { throw .brokenChain }
            chain.append(target)
        }
    }

    /// The record without `ech`, which would hide the server name from the gateway; nil where it cannot be read.
    private static func withoutEncryptedClientHello(_ record: DNSRecord) -> DNSRecord? {
        guard record.type == .svcb || record.type == .https else { return record }
        guard case .raw(let bytes) = record.data, var binding = try? DNSServiceBinding(bytes) else { return nil }
        removeParameter(DNSServiceBinding.encryptedClientHelloKey, from: &binding)
        var record = record
        record.data = .raw(binding.bytes)
        return record
    }

    /// The record with those address hints alone that `keeps` takes. Other records are left as they are.
    private static func mapHints(of record: DNSRecord, _ keeps: (IPAddress) -> Bool) -> DNSRecord? {
        guard record.type == .svcb || record.type == .https else { return record }
        guard case .raw(let bytes) = record.data, var binding = try? DNSServiceBinding(bytes) else { return nil }
        for key in [DNSServiceBinding.ipv4HintKey, DNSServiceBinding.ipv6HintKey] {
            guard let index = binding.parameters.firstIndex(where: { $0.key == key }) else { continue }
            let length = key == DNSServiceBinding.ipv4HintKey ? 4 : 16
            let value = binding.parameters[index].value
            var kept: [UInt8] = []
            var start = 0
            while start + length <= value.count {
                let octets = Array(value[start..<(start + length)])
                if let address = IPAddress(octets: octets), keeps(address) { kept += octets }
                start += length
            }
            if kept.isEmpty {
                removeParameter(key, from: &binding)
            } else {
                binding.parameters[index].value = kept
            }
        }
        var record = record
        record.data = .raw(binding.bytes)
        return record
    }

    /// Takes a parameter out, and its key out of `mandatory`: a key listed there must be present (RFC 9460 §8).
    private static func removeParameter(_ key: UInt16, from binding: inout DNSServiceBinding) {
        binding.removeParameters(key: key)
        guard let index = binding.parameters.firstIndex(where: { $0.key == mandatoryKey }) else { return }
        let value = binding.parameters[index].value
        var kept: [UInt8] = []
        var start = 0
        while start + 2 <= value.count {
            let listed = UInt16(value[start]) << 8 | UInt16(value[start + 1])
            if listed != key { kept += [value[start], value[start + 1]] }
            start += 2
        }
        if kept.isEmpty {
            binding.removeParameters(key: mandatoryKey)
        } else {
            binding.parameters[index].value = kept
        }
    }
}
