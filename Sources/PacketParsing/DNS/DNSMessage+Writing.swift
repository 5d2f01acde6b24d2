extension DNSMessage {
    /// Longest message: what two bytes of length before it can say over TCP (RFC 1035 §4.2.2).
    public static let maximumLength = 65535

    /// The message on the wire, of at most `maximumLength` bytes.
    ///
    /// What does not fit is left out whole: additional records but OPT silently, answers and authorities with the TC
    /// flag set, so that the asker comes again over TCP (RFC 2181 §9). Header, questions and OPT are always written.
    public func encoded(maximumLength: Int = DNSMessage.maximumLength) -> [UInt8] {
        var writer = DNSWriter()
        let whole = write(answers: true, additionals: true, to: &writer)
        if whole.count <= maximumLength { return whole }
        writer = DNSWriter()
        let lean = write(answers: true, additionals: false, to: &writer)
        if lean.count <= maximumLength { return lean }
        writer = DNSWriter()
        return write(answers: false, additionals: false, to: &writer)
    }

    private func write(answers hasAnswers: Bool, additionals hasAdditionals: Bool, to writer: inout DNSWriter)
        -> [UInt8]
    {
        var flags = flags
        if !hasAnswers { flags.isTruncated = true }
        let kept = hasAdditionals ? additionals : additionals.filter { $0.type == .opt }
        writer.append(identifier)
        writer.append(flags.rawValue)
        writer.append(UInt16(truncatingIfNeeded: questions.count))
        writer.append(UInt16(truncatingIfNeeded: hasAnswers ? answers.count : 0))
        writer.append(UInt16(truncatingIfNeeded: hasAnswers ? authorities.count : 0))
        writer.append(UInt16(truncatingIfNeeded: kept.count))
        for question in questions {
            writer.append(question.name, compressing: true)
            writer.append(question.type.rawValue)
            writer.append(question.recordClass.rawValue)
        }
        if hasAnswers {
            for record in answers { record.write(to: &writer) }
            for record in authorities { record.write(to: &writer) }
        }
        for record in kept { record.write(to: &writer) }
        return writer.bytes
    }

    /// An answer to this question, without records: same identifier, questions, opcode, RD and CD, and an OPT record
    /// of our own where the asker sent one (RFC 6891 §6.1.1).
    public func reply(_ code: DNSResponseCode, payloadLength: UInt16 = 1232) -> DNSMessage {
        var flags = DNSFlags(rawValue: 0)
        flags.isResponse = true
        flags.operation = self.flags.operation
        flags.recursionDesired = self.flags.recursionDesired
        flags.recursionAvailable = true
        flags.checkingDisabled = self.flags.checkingDisabled
        flags.responseCode = code
        var reply = DNSMessage(identifier: identifier, flags: flags, questions: questions)
        if extensionRecord != nil { reply.additionals = [DNSMessage.extensionRecord(payloadLength: payloadLength)] }
        return reply
    }
}
