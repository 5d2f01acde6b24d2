internal import NetworkTypes

/// Where the sections of an opened knowledge file lie.
struct KnowledgeLayout: Hashable, Sendable {
    struct Table: Hashable, Sendable {
        let offset: Int
        let count: Int
    }

    private let tables: [Table]
    /// The string pool: from the last record to the end of the file.
    let pool: Range<Int>

    subscript(_ section: KnowledgeFormat.Section) -> Table { tables[Int(section.rawValue)] }

    /// Reads and checks the header; the checksum first, so that an accident cannot look like anything else.
    init(_ bytes: Span<UInt8>) throws(KnowledgeError) {
        guard bytes.count >= KnowledgeFormat.headerLength else { throw .notAKnowledgeFile }
        for (index, byte) in KnowledgeFormat.magic.enumerated() where bytes[index] != byte { throw .notAKnowledgeFile }
        func number(_ offset: Int) -> UInt32 {
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[offset + $1]) }
        }
        guard number(8) == KnowledgeFormat.version else { throw .unsupportedVersion(number(8)) }
        guard UInt64(number(12)) == UInt64(bytes.count), bytes.count <= KnowledgeFormat.maximumLength else {
            throw .wrongLength(expected: number(12), found: UInt64(bytes.count))
        }
        var digest = SHA256()
        digest.update(bytes, from: KnowledgeFormat.contentsOffset, to: bytes.count)
        for (index, byte) in digest.finish().enumerated() where bytes[KnowledgeFormat.digestOffset + index] != byte {
            throw .wrongChecksum
        }
        var tables: [Table] = []
        var end = KnowledgeFormat.headerLength
        for section in KnowledgeFormat.Section.allCases {
            let entry = KnowledgeFormat.contentsOffset + Int(section.rawValue) * 8
            let offset = UInt64(number(entry))
            let length = UInt64(number(entry + 4)) * UInt64(section.recordLength)
            guard offset == UInt64(end), offset + length <= UInt64(bytes.count) else {
                throw .damagedSection(section.rawValue)
            }
            tables.append(Table(offset: end, count: Int(length) / section.recordLength))
            end += Int(length)
        }
        self.tables = tables
        pool = end..<bytes.count
    }
}
