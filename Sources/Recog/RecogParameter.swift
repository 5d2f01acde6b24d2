/// One statement of a fingerprint: `service.version` is what group 2 matched, or `hw.vendor` is `Axis`.
public struct RecogParameter: Hashable, Sendable {
    /// `service.version`
    public var name: String
    /// Which group of the pattern it is; 0 where `value` says it.
    public var group: Int
    /// The value where `group` is 0; `{NAME}` in it stands for another parameter's.
    public var value: String

    /// A parameter.
    public init(name: String, group: Int, value: String) {
        self.name = name
        self.group = group
        self.value = value
    }

    /// The value cut into texts and the names between braces, in order. A name has no white space and no brace.
    var pieces: [Piece] {
        var pieces: [Piece] = []
        var text = ""
        var rest = value[...]
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            rest = rest[open...]
            let inner = rest.dropFirst()
            guard let end = inner.firstIndex(where: { $0 == "}" || $0 == "{" || $0.isWhitespace }),
                inner[end] == "}", end != inner.startIndex
            else {
                text.append(rest.removeFirst())
                continue
            }
            pieces.append(.text(text))
            pieces.append(.name(String(inner[..<end])))
            text = ""
            rest = inner[inner.index(after: end)...]
        }
        pieces.append(.text(text + rest))
        return pieces
    }

    enum Piece: Hashable, Sendable {
        case text(String)
        case name(String)
    }
}
