public import NetworkTypes

/// What a kernel said when it was asked for a capability.
public enum KernelPresence: Hashable, Sendable {
    /// It is there.
    case present
    /// It is not; the kernel's words.
    case absent(ByteString)
    /// It could not be asked, as without the right to; why.
    case notAsked(ByteString)

    /// `present`, `absent`, `not-asked`
    public var name: ByteString {
        switch self {
        case .present: return "present"
        case .absent: return "absent"
        case .notAsked: return "not-asked"
        }
    }

    /// The same in one line, without where in the question it was: nft shows that in further lines and before `Error: `.
    public var reason: ByteString {
        let line = words.split(0x0A).first ?? ""
        guard let index = line.firstIndex(of: "Error: ") else { return line }
        return ByteString(Array(line.bytes.dropFirst(index + 7)))
    }

    /// The kernel's words, or why it was not asked; empty where all is well.
    public var words: ByteString {
        switch self {
        case .present: return ""
        case .absent(let words), .notAsked(let words): return words
        }
    }
}
