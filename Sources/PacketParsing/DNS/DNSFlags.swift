/// The second word of a DNS header (RFC 1035 §4.1.1, RFC 4035 §3.1.6 and §3.2.2).
///
/// ```
///   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
/// |QR|   opcode  |AA|TC|RD|RA| Z|AD|CD|   rcode   |
/// ```
public struct DNSFlags: RawRepresentable, Hashable, Sendable {
    /// The word on the wire.
    public var rawValue: UInt16

    /// Any word.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// QR: an answer, not a question.
    public var isResponse: Bool {
        get { self[0x8000] }
        set { self[0x8000] = newValue }
    }

    /// Opcode: 0 for a standard query.
    public var operation: UInt8 {
        get { UInt8(truncatingIfNeeded: rawValue >> 11) & 0xF }
        set { rawValue = rawValue & ~0x7800 | UInt16(newValue & 0xF) << 11 }
    }

    /// AA
    public var isAuthoritative: Bool {
        get { self[0x0400] }
        set { self[0x0400] = newValue }
    }

    /// TC: not all fitted.
    public var isTruncated: Bool {
        get { self[0x0200] }
        set { self[0x0200] = newValue }
    }

    /// RD
    public var recursionDesired: Bool {
        get { self[0x0100] }
        set { self[0x0100] = newValue }
    }

    /// RA
    public var recursionAvailable: Bool {
        get { self[0x0080] }
        set { self[0x0080] = newValue }
    }

    /// AD: the answerer holds the data to be authentic (DNSSEC).
    public var isAuthenticData: Bool {
        get { self[0x0020] }
        set { self[0x0020] = newValue }
    }

    /// CD: the asker checks DNSSEC itself.
    public var checkingDisabled: Bool {
        get { self[0x0010] }
        set { self[0x0010] = newValue }
    }

    /// The outcome; its upper bits may lie in an OPT record.
    public var responseCode: DNSResponseCode {
        get { DNSResponseCode(rawValue: UInt8(truncatingIfNeeded: rawValue & 0xF)) }
        set { rawValue = rawValue & ~0xF | UInt16(newValue.rawValue & 0xF) }
    }

    private subscript(mask: UInt16) -> Bool {
        get { rawValue & mask != 0 }
        set { rawValue = newValue ? rawValue | mask : rawValue & ~mask }
    }
}
