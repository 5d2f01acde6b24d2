import NetworkTypes
import PacketParsing

/// Answers of upstreams, until their time is over. The oldest leaves first where there are too many.
struct DNSCache: Sendable {
    /// What an answer answers.
    struct Key: Hashable, Sendable {
        var name: DNSName
        var type: DNSRecordType
        var wantsDNSSEC: Bool
    }

    private struct Entry: Sendable {
        var bytes: [UInt8]
        var storedMilliseconds: UInt64
        var expiresMilliseconds: UInt64
        /// Its place in the queue; one with another number is of an entry that has been replaced.
        var number: UInt64
    }

    private var entries: HashTable<Key, Entry> = HashTable()
    private var queue: [(key: Key, number: UInt64)] = []
    /// Where the queue begins; what lies before it has been taken.
    private var queueStart = 0
    private var nextNumber: UInt64 = 0
    private(set) var byteCount = 0

    var count: Int { entries.count }

    /// The answer, its times to live less the whole seconds since it was stored; nil where there is none any more.
    mutating func message(_ key: Key, nowMilliseconds: UInt64) -> DNSMessage? {
        guard let entry = entries[key] else { return nil }
        guard nowMilliseconds < entry.expiresMilliseconds else {
            remove(key)
            return nil
        }
        var reader = ByteReader(entry.bytes.span)
        guard var message = try? DNSMessage(parsing: &reader) else { return nil }
        let age = nowMilliseconds - Swift.min(entry.storedMilliseconds, nowMilliseconds)
        let seconds = UInt32(truncatingIfNeeded: Swift.min(age / 1000, UInt64(UInt32.max)))
        DNSCache.age(&message.answers, seconds)
        DNSCache.age(&message.authorities, seconds)
        return message
    }

    /// Keeps an answer for so many seconds. Returns how many others had to go before their time.
    mutating func store(_ message: DNSMessage, for key: Key, seconds: UInt32, nowMilliseconds: UInt64) -> UInt64 {
        remove(key)
        let bytes = message.encoded()
        let cost = bytes.count + DNSLimits.cacheEntryOverhead
        guard seconds > 0, cost <= DNSLimits.cacheBytes else { return 0 }
        var evicted: UInt64 = 0
        while entries.count >= DNSLimits.cacheEntries || byteCount + cost > DNSLimits.cacheBytes {
            guard let early = removeOldest(nowMilliseconds) else { break }
            if early { evicted += 1 }
        }
        entries[key] = Entry(
            bytes: bytes,
            storedMilliseconds: nowMilliseconds,
            expiresMilliseconds: nowMilliseconds + UInt64(seconds) * 1000,
            number: nextNumber
        )
        byteCount += cost
        queue.append((key, nextNumber))
        nextNumber += 1
        compact()
        return evicted
    }

    private static func age(_ records: inout [DNSRecord], _ seconds: UInt32) {
        for index in records.indices {
            records[index].timeToLiveSeconds -= Swift.min(seconds, records[index].timeToLiveSeconds)
        }
    }

    private mutating func remove(_ key: Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        byteCount -= entry.bytes.count + DNSLimits.cacheEntryOverhead
    }

    /// Whether the entry that went would have lived on; nil where there is none.
    private mutating func removeOldest(_ nowMilliseconds: UInt64) -> Bool? {
        while queueStart < queue.count {
            let (key, number) = queue[queueStart]
            queueStart += 1
            guard let entry = entries[key], entry.number == number else { continue }
            remove(key)
            return nowMilliseconds < entry.expiresMilliseconds
        }
        return nil
    }

    /// Keeps the queue within twice the limit of entries, though replaced entries stay in it.
    private mutating func compact() {
        guard queue.count > 2 * DNSLimits.cacheEntries else { return }
        queue = queue[queueStart...].filter { entries[$0.key]?.number == $0.number }
        queueStart = 0
    }
}
