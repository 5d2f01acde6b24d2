public import NetworkTypes
public import Policy

/// Opened blocklists. Nothing is copied from the file but the names of the lists; a look-up allocates nothing.
public struct Blocklists: Sendable {
    /// Why a file was refused. Nothing of a refused file is used.
    public enum Problem: Error, Hashable, Sendable {
        /// Shorter than a header, or not begun by the magic bytes.
        case notABlocklistFile
        /// A version of the format that this program does not know.
        case unsupportedVersion(UInt32)
        /// Cut short, or something was appended.
        case wrongLength
        /// The SHA-256 in the header is not that of the contents.
        case wrongChecksum
        /// A table is out of order, or a count is not what the length says.
        case damagedTable

        /// One line for an operator.
        public var text: ByteString {
            switch self {
            case .notABlocklistFile: return "not a file of blocklists (its first bytes are others)"
            case .unsupportedVersion(let version): return "blocklists of version \(version), but 1 is read here"
            case .wrongLength: return "the file of blocklists is damaged: its length is not the one in its header"
            case .wrongChecksum: return "the file of blocklists is damaged: its SHA-256 does not match its contents"
            case .damagedTable: return "the file of blocklists is damaged: a table in it is not in order"
            }
        }
    }

    private struct List: Hashable, Sendable {
        let name: ByteString
        let blocked: Range<Int>
        let excepted: Range<Int>
    }

    private let store: any ByteStore
    private let hash: SipHash
    private let lists: [List]

    /// Opens a compiled file; reads every byte once, for the checksum and the order of the tables.
    public init(opening store: any ByteStore) throws(Problem) {
        var outcome: Result<(SipHash, [List]), Problem> = .failure(.notABlocklistFile)
        store.withBytes { bytes in
            do throws(Problem) {
                outcome = .success(try Blocklists.read(bytes))
            } catch {
                outcome = .failure(error)
            }
        }
        (hash, lists) = try outcome.get()
        self.store = store
    }

    /// The names of the lists.
    public var names: [ByteString] { lists.map { $0.name } }

    /// How many names a list blocks, without those below others of them; nil for a list that is not there.
    public func count(_ name: ByteString) -> Int? {
        for list in lists where list.name == name { return list.blocked.count / BlocklistFormat.hashLength }
        return nil
    }

    /// The first of the lists `among` that has `name` or a name above it; nil where none does. Of one list, the longest
    /// name that it speaks of decides: one that it excepts lets through what lies below.
    public func match(_ name: DomainName, among names: [ByteString]) -> ByteString? {
        var found: ByteString?
        store.withBytes { bytes in
            let text = name.byteString.bytes.span
            for list in lists where found == nil && names.contains(list.name) {
                var start = 0
                while start < text.count {
                    let value = hash.hash(text, start..<text.count)
                    if Blocklists.contains(bytes, list.excepted, value) { break }
                    if Blocklists.contains(bytes, list.blocked, value) {
                        found = list.name
                        break
                    }
                    while start < text.count, text[start] != 0x2E { start += 1 }
                    start += 1
                }
            }
        }
        return found
    }

    /// Whether the lists that an allowlist names refuse a name to its devices: not where a rule has the very name.
    public func refuse(_ name: DomainName, under allowlist: Allowlist) -> Bool {
        !allowlist.dns.blocklists.isEmpty && !allowlist.names(name)
            && match(name, among: allowlist.dns.blocklists) != nil
    }

    /// Guesses of where a value stands before the search goes by halves: a table that is not of hashes costs no more time.
    private static let guesses = 16

    /// Hashes are spread evenly: the place of a value is guessed from its size, and the guess narrowed down.
    private static func contains(_ bytes: Span<UInt8>, _ table: Range<Int>, _ value: UInt64) -> Bool {
        var low = 0
        var high = table.count / BlocklistFormat.hashLength
        var lowest: UInt64 = 0
        var highest = UInt64.max
        var steps = 0
        while low < high {
            steps += 1
            // Where the value would stand, if those between the bounds were spread evenly.
            let span = (highest - lowest) >> 32 + 1
            let share = (value - lowest) >> 32
            let guess = Swift.min(high - low - 1, Int(UInt64(high - low) * share / span))
            let middle = low + (steps <= guesses ? guess : (high - low) / 2)
            let found = integer(bytes, table.lowerBound + middle * BlocklistFormat.hashLength, 8)
            if found == value { return true }
            if found < value {
                low = middle + 1
                lowest = found
            } else {
                high = middle
                highest = found
            }
        }
        return false
    }

    private static func integer(_ bytes: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }

    private static func read(_ bytes: Span<UInt8>) throws(Problem) -> (SipHash, [List]) {
        guard bytes.count >= BlocklistFormat.headerLength else { throw .notABlocklistFile }
        for (index, byte) in BlocklistFormat.magic.enumerated() where bytes[index] != byte { throw .notABlocklistFile }
        let version = UInt32(truncatingIfNeeded: integer(bytes, 8, 4))
        guard version == BlocklistFormat.version else { throw .unsupportedVersion(version) }
        guard integer(bytes, 12, 4) == UInt64(bytes.count), bytes.count <= BlocklistFormat.maximumLength else {
            throw .wrongLength
        }
        var digest = SHA256()
        digest.update(bytes, from: BlocklistFormat.contentsOffset, to: bytes.count)
        for (index, byte) in digest.finish().enumerated() where bytes[BlocklistFormat.digestOffset + index] != byte {
            throw .wrongChecksum
        }
        let count = Int(integer(bytes, BlocklistFormat.listCountOffset, 4))
        var offset = BlocklistFormat.headerLength + count * BlocklistFormat.listLength
        guard count <= BlocklistFormat.maximumLists, offset <= bytes.count else { throw .damagedTable }
        var lists: [List] = []
        for index in 0..<count {
            let entry = BlocklistFormat.headerLength + index * BlocklistFormat.listLength
            var name: [UInt8] = []
            for place in 0..<BlocklistFormat.nameLength where bytes[entry + place] != 0 {
                name.append(bytes[entry + place])
            }
            var tables: [Range<Int>] = []
            for place in [BlocklistFormat.nameLength, BlocklistFormat.nameLength + 4] {
                let length = Int(integer(bytes, entry + place, 4)) * BlocklistFormat.hashLength
                guard length <= bytes.count - offset else { throw .damagedTable }
                let table = offset..<(offset + length)
                guard isAscending(bytes, table) else { throw .damagedTable }
                tables.append(table)
                offset = table.upperBound
            }
            lists.append(List(name: ByteString(name), blocked: tables[0], excepted: tables[1]))
        }
        guard offset == bytes.count else { throw .damagedTable }
        let key = BlocklistFormat.contentsOffset
        return (SipHash(key: (integer(bytes, key, 8), integer(bytes, key + 8, 8))), lists)
    }

    private static func isAscending(_ bytes: Span<UInt8>, _ table: Range<Int>) -> Bool {
        var offset = table.lowerBound
        var before: UInt64?
        while offset < table.upperBound {
            let value = integer(bytes, offset, 8)
            if let before, before >= value { return false }
            before = value
            offset += BlocklistFormat.hashLength
        }
        return true
    }
}
