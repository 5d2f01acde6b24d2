public import NetworkTypes

/// A command that libnftables or the kernel refused. Nothing of it was applied.
public struct NFTablesError: Error, Hashable, Sendable {
    /// nft's own words, with the line and a marker under what was wrong; never empty.
    public let message: ByteString
    /// The line of the commands that the message names, from 1; nil where it names none.
    public let line: Int?

    /// An error from nft's words.
    init(message: ByteString) {
        self.message = message.isEmpty ? "nftables refused the command and gave no reason" : message
        line = NFTablesError.lineNumber(in: message)
    }

    /// Whether something that the commands name does not exist (ENOENT).
    public var isMissing: Bool { message.firstIndex(of: "No such file or directory") != nil }

    /// Whether something that the commands create exists (EEXIST).
    public var isAlreadyThere: Bool { message.firstIndex(of: "File exists") != nil }

    /// Whether the kernel refused for want of CAP_NET_ADMIN.
    public var isNotPermitted: Bool { message.firstIndex(of: "Operation not permitted") != nil }

    /// Whether the kernel, or the socket to it, was short of memory (ENOMEM, ENOBUFS, EMSGSIZE): nothing is wrong with what
    /// was asked.
    public var isShortOfMemory: Bool {
        for words in ["Cannot allocate memory", "No buffer space", "Message too long"] as [ByteString]
        where message.firstIndex(of: words) != nil { return true }
        return false
    }

    /// What stands for the commands in messages: `commands:3:15-20: Error: syntax error`.
    static let commandsName: ByteString = "commands"

    private static func lineNumber(in message: ByteString) -> Int? {
        let parts = message.split(0x3A)
        guard parts.count > 2, parts[0] == commandsName, let line = Decimal.parse(parts[1], limit: 100_000_000) else {
            return nil
        }
        return Int(line)
    }
}

extension NFTablesError: CustomStringConvertible {
    /// `nftables: ` and nft's words.
    public var description: String { "nftables: " + message.text }
}
