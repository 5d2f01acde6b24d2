internal import AgentCore
public import NetworkTypes

/// Writes the compiled file of blocklists.
public struct BlocklistCompiler {
    /// Why lists cannot be compiled.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// More lists than the format holds.
        case tooManyLists(Int)
        /// A list's name is empty, too long, or used twice.
        case badName(ByteString)
        /// More names than the format holds.
        case tooManyNames

        /// One line for an operator.
        public var description: String {
            switch self {
            case .tooManyLists(let count): return "\(count) lists; a file holds \(BlocklistFormat.maximumLists)"
            case .badName(let name):
                return
                    "\"\(name.text)\" cannot be a list's name: 1 to \(BlocklistFormat.nameLength) of a-z 0-9 - _ ., each once"
            case .tooManyNames: return "more names than fit into \(BlocklistFormat.maximumLength) bytes"
            }
        }
    }

    private var lists: [(name: ByteString, blocked: Set<ByteString>, excepted: Set<ByteString>)] = []

    /// No list yet.
    public init() {}

    /// Adds what a source says to the list `name`.
    public mutating func add(_ source: BlocklistSource, to name: ByteString) {
        let index = lists.firstIndex { $0.name == name } ?? lists.count
        if index == lists.count { lists.append((name, [], [])) }
        lists[index].blocked.formUnion(source.blocked)
        lists[index].excepted.formUnion(source.excepted)
    }

    /// The bytes of the file. `key` must be random and new for each file: see `BlocklistFormat`.
    public func compile(key: (UInt64, UInt64)) throws(Problem) -> [UInt8] {
        guard lists.count <= BlocklistFormat.maximumLists else { throw .tooManyLists(lists.count) }
        let hash = SipHash(key: key)
        var header: [UInt8] = []
        var tables: [UInt8] = []
        for list in lists.sorted(by: { $0.name < $1.name }) {
            let isName = list.name.bytes.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
            }
            guard isName, (1...BlocklistFormat.nameLength).contains(list.name.count) else { throw .badName(list.name) }
            header += list.name.bytes + [UInt8](repeating: 0, count: BlocklistFormat.nameLength - list.name.count)
            let excepted = list.excepted.filter { BlocklistCompiler.isBlocked($0, list.blocked, [], fromParent: false) }
            let blocked = list.blocked.filter {
                !list.excepted.contains($0)
                    && !BlocklistCompiler.isBlocked($0, list.blocked, list.excepted, fromParent: true)
            }
            for names in [blocked, excepted] {
                let hashes = Set(names.map { hash.hash($0.bytes.span, 0..<$0.count) }).sorted()
                BlocklistCompiler.append(UInt64(hashes.count), 4, &header)
                for value in hashes { BlocklistCompiler.append(value, 8, &tables) }
            }
        }
        let length = BlocklistFormat.headerLength + header.count + tables.count
        guard length <= BlocklistFormat.maximumLength else { throw .tooManyNames }
        var contents: [UInt8] = []
        BlocklistCompiler.append(key.0, 8, &contents)
        BlocklistCompiler.append(key.1, 8, &contents)
        BlocklistCompiler.append(UInt64(lists.count), 4, &contents)
        contents += header
        contents += tables
        var digest = SHA256()
        digest.update(contents.span, from: 0, to: contents.count)
        var file = BlocklistFormat.magic
        BlocklistCompiler.append(UInt64(BlocklistFormat.version), 4, &file)
        BlocklistCompiler.append(UInt64(length), 4, &file)
        return file + digest.finish() + contents
    }

    /// Whether a name is blocked by what stands above it (or by itself): then it need not be in the table.
    private static func isBlocked(
        _ name: ByteString,
        _ blocked: Set<ByteString>,
        _ excepted: Set<ByteString>,
        fromParent: Bool
    ) -> Bool {
        var rest = name.bytes[...]
        if !fromParent, blocked.contains(name) { return true }
        while let dot = rest.firstIndex(of: 0x2E) {
            rest = rest[(dot + 1)...]
            let parent = ByteString(Array(rest))
            if excepted.contains(parent) { return false }
            if blocked.contains(parent) { return true }
        }
        return false
    }

    private static func append(_ value: UInt64, _ count: Int, _ bytes: inout [UInt8]) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
