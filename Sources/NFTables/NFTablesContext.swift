internal import CNFTables
public import NetworkTypes
internal import SystemIO

/// libnftables, without a process: commands go in as text, what nft would print comes out.
///
/// One `run` is one transaction of the kernel: all of its commands take effect, or none. Each added element costs
/// libnftables about 1.2 KB while a command runs, so a caller that fills a set does it in runs of some hundreds.
@safe
public final class NFTablesContext {
    /// The most bytes of commands in one run: it bounds the memory libnftables takes for it.
    public static let commandLimitBytes = 1 << 20

    /// How a listing looks: names and numbers as `nft` itself prints them, the style that rulesets are rendered in.
    public struct ListOptions: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// From bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// With the handles of rules, chains and sets.
        public static let handles = ListOptions(rawValue: 1)
        /// Without the elements of sets.
        public static let terse = ListOptions(rawValue: 2)
        /// Without the values of counters, quotas and the remaining time of elements: what two equal rulesets share.
        public static let stateless = ListOptions(rawValue: 4)
    }

    private let context: OpaquePointer

    /// Loads the library's state; nothing is asked of the kernel yet.
    public init() throws(NFTablesError) {
        guard let context = unsafe gh_nft_open() else {
            throw NFTablesError(message: "no memory for a libnftables context")
        }
        unsafe self.context = context
    }

    deinit { unsafe nft_ctx_free(context) }

    /// Carries out commands, separated by line feeds or `;`, in one transaction. Returns what nft prints.
    ///
    /// Commands that only add elements to sets or delete them, in the form that `SetElementChange` names, are sent to the
    /// kernel without libnftables, at a fraction of the cost. Where the kernel refuses them they go through libnftables
    /// after all, for its words.
    public func run(_ commands: ByteString, options: ListOptions = []) throws(NFTablesError) -> ByteString {
        if let changes = SetElementChange.parse(commands), applied(changes) { return "" }
        return try execute(commands, options, isDryRun: false)
    }

    /// Has the commands parsed and evaluated against the kernel's present ruleset, and applies nothing (`nft -c`).
    public func check(_ commands: ByteString) throws(NFTablesError) {
        _ = try execute(commands, [], isDryRun: true)
    }

    /// A table as text; nil where there is none. `table` is family and name: `inet gatehouse`.
    public func listTable(_ table: ByteString, options: ListOptions = []) throws(NFTablesError) -> ByteString? {
        try list("list table ", table, options)
    }

    /// A set as text; nil where there is none. `set` is family, table and name: `inet gatehouse allowed4`.
    public func listSet(_ set: ByteString, options: ListOptions = []) throws(NFTablesError) -> ByteString? {
        try list("list set ", set, options)
    }

    /// A map as text, as `listSet`.
    public func listMap(_ map: ByteString, options: ListOptions = []) throws(NFTablesError) -> ByteString? {
        try list("list map ", map, options)
    }

    /// How many transactions went to the kernel without libnftables.
    public private(set) var directCount: UInt64 = 0
    private var elements: SetElementSocket?

    private func applied(_ changes: [SetElementChange]) -> Bool {
        do throws(SystemError) {
            if elements == nil { elements = try SetElementSocket() }
            guard let elements, try elements.apply(changes) else { return false }
            directCount += 1
            return true
        } catch {
            return false
        }
    }

    private func list(
        _ command: ByteString,
        _ object: ByteString,
        _ options: ListOptions
    ) throws(NFTablesError) -> ByteString? {
        var text = command
        text.append(object)
        do throws(NFTablesError) {
            return try run(text, options: options)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private func execute(
        _ commands: ByteString,
        _ options: ListOptions,
        isDryRun: Bool
    ) throws(NFTablesError) -> ByteString {
        guard commands.count <= NFTablesContext.commandLimitBytes else {
            throw NFTablesError(message: "more than 1,048,576 bytes of commands in one run")
        }
        // A zero byte would end the text for C: the rest would silently not be applied.
        for byte in commands.bytes where byte == 0 { throw NFTablesError(message: "a zero byte in the commands") }
        unsafe gh_nft_output(
            context,
            options.contains(.handles),
            options.contains(.terse),
            options.contains(.stateless)
        )
        unsafe nft_ctx_set_dry_run(context, isDryRun)
        var text: [CChar] = []
        text.reserveCapacity(commands.count + 1)
        for byte in commands.bytes { text.append(CChar(bitPattern: byte)) }
        text.append(0)
        let result = unsafe text.withUnsafeBufferPointer { buffer in
            unsafe nft_run_cmd_from_buffer(context, buffer.baseAddress)
        }
        // Both buffers are emptied by being asked for, so both are asked for whatever the result.
        let output = unsafe NFTablesContext.copy(nft_ctx_get_output_buffer(context))
        let errors = unsafe NFTablesContext.copy(nft_ctx_get_error_buffer(context))
        guard result == 0 else { throw NFTablesError(message: located(text) ?? errors.trimmed) }
        return output
    }

    /// The message for commands that failed, with lines: they are checked once more as a file. Nil where that goes well
    /// (another process changed the ruleset meanwhile) or cannot be done.
    private func located(_ text: [CChar]) -> ByteString? {
        unsafe nft_ctx_set_dry_run(context, true)
        var name = [CChar](repeating: 0, count: 64)
        let result = unsafe text.withUnsafeBufferPointer { buffer in
            unsafe name.withUnsafeMutableBufferPointer { name in
                unsafe gh_nft_run_named(context, buffer.baseAddress, buffer.count - 1, name.baseAddress, name.count)
            }
        }
        _ = unsafe nft_ctx_get_output_buffer(context)
        let errors = unsafe NFTablesContext.copy(nft_ctx_get_error_buffer(context)).trimmed
        guard result != 0, !errors.isEmpty else { return nil }
        let prefix = unsafe name.withUnsafeBufferPointer { unsafe NFTablesContext.copy($0.baseAddress) }
        // What the file was called says nothing to people: each message begins with `commands` instead.
        var message = ByteString()
        for line in errors.split(0x0A) {
            if !message.isEmpty { message.append(byte: 0x0A) }
            if line.hasPrefix(prefix) {
                message.append(NFTablesError.commandsName)
                message.append(ByteString(Array(line.bytes[prefix.count...])))
            } else {
                message.append(line)
            }
        }
        return message
    }

    private static func copy(_ text: UnsafePointer<CChar>?) -> ByteString {
        guard let text = unsafe text else { return ByteString() }
        var bytes: [UInt8] = []
        var index = 0
        while unsafe text[index] != 0 {
            unsafe bytes.append(UInt8(bitPattern: text[index]))
            index += 1
        }
        return ByteString(bytes)
    }
}
