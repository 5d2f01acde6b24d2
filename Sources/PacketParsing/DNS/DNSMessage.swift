public import NetworkTypes

/// A DNS message (RFC 1035 §4), also of multicast DNS (RFC 6762): read, changed and written again.
public struct DNSMessage: Hashable, Sendable {
    /// Most questions of one message. Resolvers send one; multicast DNS bundles a few.
    public static let maximumQuestions = 64
    /// Most records of one message, over all sections. Compression makes a record 11 bytes short, so the length of
    /// the message alone would allow for megabytes of names.
    public static let maximumRecords = 512
    /// Length of the header in bytes.
    public static let headerLength = 12

    /// Ties an answer to its question.
    public var identifier: UInt16
    /// Flags, operation and outcome.
    public var flags: DNSFlags
    /// What is asked.
    public var questions: [DNSQuestion]
    /// What answers it.
    public var answers: [DNSRecord]
    /// Who could say more, or an SOA record that denies.
    public var authorities: [DNSRecord]
    /// What may be useful besides; the OPT record is here.
    public var additionals: [DNSRecord]

    /// A message.
    public init(
        identifier: UInt16,
        flags: DNSFlags = DNSFlags(rawValue: 0),
        questions: [DNSQuestion] = [],
        answers: [DNSRecord] = [],
        authorities: [DNSRecord] = [],
        additionals: [DNSRecord] = []
    ) {
        self.identifier = identifier
        self.flags = flags
        self.questions = questions
        self.answers = answers
        self.authorities = authorities
        self.additionals = additionals
    }

    /// A whole message, from the reader's position on; bytes after it are left in the reader.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        let start = reader.position
        identifier = try reader.readUInt16()
        flags = DNSFlags(rawValue: try reader.readUInt16())
        let questionCount = Int(try reader.readUInt16())
        let answerCount = Int(try reader.readUInt16())
        let authorityCount = Int(try reader.readUInt16())
        let additionalCount = Int(try reader.readUInt16())
        guard questionCount <= DNSMessage.maximumQuestions,
            answerCount + authorityCount + additionalCount <= DNSMessage.maximumRecords
        else { throw reader.error(.limitExceeded) }
        questions = []
        for _ in 0..<questionCount { questions.append(try DNSQuestion(parsing: &reader, messageStart: start)) }
        answers = try DNSMessage.records(answerCount, parsing: &reader, messageStart: start)
        authorities = try DNSMessage.records(authorityCount, parsing: &reader, messageStart: start)
        additionals = try DNSMessage.records(additionalCount, parsing: &reader, messageStart: start)
    }

    private static func records(
        _ count: Int,
        parsing reader: inout ByteReader,
        messageStart: Int
    ) throws(DecodeError) -> [DNSRecord] {
        var records: [DNSRecord] = []
        for _ in 0..<count { records.append(try DNSRecord(parsing: &reader, messageStart: messageStart)) }
        return records
    }
}
