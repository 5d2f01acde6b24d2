internal import AgentCore
internal import NetworkTypes

/// What differs between two compiled files of blocklists, list by list.
///
/// The files hold hashes, so they can be compared only where both were compiled under the same key. The collector compiles
/// under the key of the file that is in force, for that: an operator then sees what changed without the lists themselves,
/// and without the collector's word.
public struct BlocklistDifference: Sendable {
    /// Why files cannot be compared.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// One of them is no file of blocklists; why.
        case unreadable(String)
        /// They were compiled under different keys.
        case otherKey

        /// One line for an operator.
        public var description: String {
            switch self {
            case .unreadable(let why): return why
            case .otherKey: return "the files were compiled under different keys, and cannot be compared"
            }
        }
    }

    /// One list.
    public struct List: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// Names that the new file blocks; nil where it has no such list.
        public let count: Int?
        /// Names that the old file blocks; nil where it has no such list.
        public let countBefore: Int?
        /// Names that the new one blocks and the old one does not; exceptions that are gone count too.
        public let added: Int
        /// Names that the old one blocks and the new one does not; exceptions that are new count too.
        public let removed: Int

        /// How much of the old list changed, in thousandths; nil where the list is new or gone.
        public var changePerMille: Int? {
            guard let countBefore, count != nil else { return nil }
            return (added + removed) * 1000 / max(1, countBefore)
        }
    }

    /// All lists of either file, by name.
    public let lists: [List]

    /// Whether both block the same.
    public var isEmpty: Bool {
        lists.allSatisfy { $0.added == 0 && $0.removed == 0 && $0.count != nil && $0.countBefore != nil }
    }

    /// Compares two compiled files.
    public init(from old: [UInt8], to new: [UInt8]) throws(Problem) {
        let before = try Tables(old)
        let after = try Tables(new)
        guard before.key == after.key else { throw .otherKey }
        let names = Set(before.lists.keys).union(after.lists.keys).sorted()
        lists = names.map { name in
            let (was, now) = (before.lists[name], after.lists[name])
            let blocked = Self.compare(old, was?.blocked, new, now?.blocked)
            let excepted = Self.compare(old, was?.excepted, new, now?.excepted)
            return List(
                name: name,
                count: now.map { $0.blocked.count / BlocklistFormat.hashLength },
                countBefore: was.map { $0.blocked.count / BlocklistFormat.hashLength },
                added: blocked.added + excepted.removed,
                removed: blocked.removed + excepted.added
            )
        }
    }

    /// How many names each list of a compiled file blocks, by the list's name.
    public static func counts(of file: [UInt8]) throws(Problem) -> [String: Int] {
        try Tables(file).lists.mapValues { $0.blocked.count / BlocklistFormat.hashLength }
    }

    /// The key under which a compiled file was made.
    public static func key(of file: [UInt8]) throws(Problem) -> (UInt64, UInt64) {
        let key = try Tables(file).key
        return (Self.integer(key[..<8]), Self.integer(key[8...]))
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    /// Both tables ascend: one walk along both.
    private static func compare(
        _ old: [UInt8],
        _ was: Range<Int>?,
        _ new: [UInt8],
        _ now: Range<Int>?
    ) -> (added: Int, removed: Int) {
        var (left, right) = (was?.lowerBound ?? 0, now?.lowerBound ?? 0)
        let (leftEnd, rightEnd) = (was?.upperBound ?? 0, now?.upperBound ?? 0)
        let step = BlocklistFormat.hashLength
        var (added, removed) = (0, 0)
        while left < leftEnd || right < rightEnd {
            let first = left < leftEnd ? integer(old[left..<(left + step)]) : nil
            let second = right < rightEnd ? integer(new[right..<(right + step)]) : nil
            if let first, let second, first == second {
                left += step
                right += step
            } else if second == nil || first.map({ $0 < second ?? 0 }) == true {
                removed += 1
                left += step
            } else {
                added += 1
                right += step
            }
        }
        return (added, removed)
    }

    /// Where everything stands in a file that was opened, and so is whole.
    private struct Tables {
        let key: [UInt8]
        var lists: [String: (blocked: Range<Int>, excepted: Range<Int>)] = [:]

        init(_ file: [UInt8]) throws(Problem) {
            do throws(Blocklists.Problem) { _ = try Blocklists(opening: ArrayByteStore(file)) } catch {
                throw .unreadable(error.text.text)
            }
            func integer(_ offset: Int) -> Int { file[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
            key = Array(file[BlocklistFormat.contentsOffset..<BlocklistFormat.listCountOffset])
            let count = integer(BlocklistFormat.listCountOffset)
            var offset = BlocklistFormat.headerLength + count * BlocklistFormat.listLength
            for index in 0..<count {
                let entry = BlocklistFormat.headerLength + index * BlocklistFormat.listLength
                let name = file[entry..<(entry + BlocklistFormat.nameLength)].prefix { $0 != 0 }
                let blocked = offset..<(offset + integer(entry + 32) * BlocklistFormat.hashLength)
                let excepted =
                    blocked.upperBound..<(blocked.upperBound + integer(entry + 36) * BlocklistFormat.hashLength)
                lists[String(decoding: name, as: UTF8.self)] = (blocked, excepted)
                offset = excepted.upperBound
            }
        }
    }
}
