public import NetworkTypes

/// Walks over XML as devices send it in SOAP, without building a tree.
///
/// Knows elements, text, CDATA, comments and the five entities that XML predefines; attributes and namespaces are
/// passed over. A document type declaration is refused: whoever sends one wants entities expanded.
public struct XMLScanner: ~Escapable {
    /// Deepest nesting.
    public static let maximumDepth = 32
    /// Longest text of one element, and longest name.
    public static let maximumTextLength = 4096

    /// What comes next in the document.
    public enum Event: Hashable, Sendable {
        /// `<d:Types …>`, without the prefix.
        case start(ByteString)
        /// `</d:Types>`, without the prefix; also follows `<Types/>`.
        case end(ByteString)
        /// Text between tags, entities replaced; runs of blanks alone are left out.
        case text(ByteString)
    }

    private var reader: ByteReader
    private var depth = 0
    private var pendingEnd: ByteString?

    /// Scans all that `reader` has left.
    @_lifetime(copy reader)
    public init(_ reader: ByteReader) { self.reader = reader }

    /// The next event, or nil at the end of the document.
    public mutating func next() throws(DecodeError) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            depth -= 1
            return .end(name)
        }
        while let byte = reader.peek() {
            guard byte == 0x3C else {
                let text = try readText()
                if !text.trimmed.isEmpty { return .text(text) }
                continue
            }
            if reader.starts(with: "<!--" as ByteString) {
                try skip(past: "-->")
            } else if reader.starts(with: "<?" as ByteString) {
                try skip(past: "?>")
            } else if reader.starts(with: "<![CDATA[" as ByteString) {
                try reader.skip(9)
                return .text(try readCharacterData())
            } else if reader.starts(with: "<!" as ByteString) {
                throw reader.error(.unsupported)
            } else {
                return try readTag()
            }
        }
        return nil
    }

    private mutating func readTag() throws(DecodeError) -> Event {
        try reader.skip(1)
        let isEnd = reader.peek() == 0x2F
        if isEnd { try reader.skip(1) }
        let name = try readName()
        let isEmpty = try skipAttributes()
        if isEnd {
            guard depth > 0 else { throw reader.error(.malformed) }
            depth -= 1
            return .end(name)
        }
        guard depth < XMLScanner.maximumDepth else { throw reader.error(.limitExceeded) }
        depth += 1
        if isEmpty { pendingEnd = name }
        return .start(name)
    }

    private mutating func readName() throws(DecodeError) -> ByteString {
        var name = ByteString()
        while let byte = reader.peek(), byte > 0x20, byte != 0x3E, byte != 0x2F {
            guard byte != 0x3C, name.count < XMLScanner.maximumTextLength else { throw reader.error(.malformed) }
            try reader.skip(1)
            if byte == 0x3A { name = ByteString() } else { name.append(byte: byte) }
        }
        guard !name.isEmpty else { throw reader.error(.malformed) }
        return name
    }

    /// Passes over the rest of a tag; true if it closes itself.
    private mutating func skipAttributes() throws(DecodeError) -> Bool {
        var quote: UInt8 = 0
        var previous: UInt8 = 0
        while true {
            let byte = try reader.readUInt8()
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == 0x3E {
                return previous == 0x2F
            }
            previous = byte
        }
    }

    private mutating func readText() throws(DecodeError) -> ByteString {
        var text = ByteString()
        while let byte = reader.peek(), byte != 0x3C {
            guard text.count < XMLScanner.maximumTextLength else { throw reader.error(.limitExceeded) }
            text.append(byte: byte == 0x26 ? try readEntity() : try reader.readUInt8())
        }
        return text
    }

    private mutating func readCharacterData() throws(DecodeError) -> ByteString {
        var text = ByteString()
        while !reader.starts(with: "]]>" as ByteString) {
            guard text.count < XMLScanner.maximumTextLength else { throw reader.error(.limitExceeded) }
            text.append(byte: try reader.readUInt8())
        }
        try reader.skip(3)
        return text
    }

    /// XML 1.0 §4.6.
    private mutating func readEntity() throws(DecodeError) -> UInt8 {
        for (name, byte) in XMLScanner.entities where reader.starts(with: name) {
            try reader.skip(name.count)
            return byte
        }
        throw reader.error(.unsupported)
    }

    private static let entities: [(ByteString, UInt8)] = [
        ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&apos;", 0x27),
    ]

    private mutating func skip(past mark: ByteString) throws(DecodeError) {
        while !reader.starts(with: mark) { try reader.skip(1) }
        try reader.skip(mark.count)
    }
}
