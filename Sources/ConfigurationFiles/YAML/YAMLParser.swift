import CYAML
public import NetworkTypes

/// Reads YAML 1.1 with libyaml into a tree.
///
/// Anchors, aliases, tags and merge keys are refused: a file means what it shows, and a few lines cannot stand for
/// gigabytes. A key that stands twice in a mapping is an error.
public enum YAMLParser {
    /// The documents of a file, each with the line it begins on. `file` is its name in messages.
    public static func documents(of bytes: [UInt8], file: ByteString) throws(ConfigurationError) -> [YAMLNode] {
        guard bytes.count <= YAMLLimits.fileBytes else {
            throw ConfigurationError(file: file, line: 0, message: "larger than 4 MiB; split it")
        }
        var source = EventSource(file: file)
        return try source.withEvents(of: bytes)
    }

    /// The one document of a file; an empty file is an empty mapping.
    public static func document(of bytes: [UInt8], file: ByteString) throws(ConfigurationError) -> YAMLNode {
        let all = try documents(of: bytes, file: file)
        guard all.count <= 1 else {
            throw ConfigurationError(
                file: file,
                line: all[1].line,
                message: "a second document begins here; this file has one: remove the line --- above"
            )
        }
        return all.first ?? YAMLNode(.mapping([]), line: 1)
    }

    /// The bytes of a file on disk.
    public static func read(file path: ByteString) throws(ConfigurationError) -> [UInt8] {
        guard !path.bytes.contains(0) else {
            throw ConfigurationError(file: path, line: 0, message: "a path cannot hold a zero byte")
        }
        let terminated = path.bytes.map { CChar(bitPattern: $0) } + [0]
        let capacity = YAMLLimits.fileBytes + 1
        var status = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            status = unsafe terminated.withUnsafeBufferPointer { name in
                unsafe gatehouse_read_file(name.baseAddress, buffer.baseAddress, capacity)
            }
            count = status > 0 ? status : 0
        }
        guard status >= 0 else {
            var message: ByteString = "cannot be read: error "
            switch -status {
            case 2: message = "does not exist"
            case 13: message = "may not be read: permission denied"
            case 21: message = "is a directory"
            default: message.append(decimal: -status)
            }
            throw ConfigurationError(file: path, line: 0, message: message)
        }
        return bytes
    }
}

/// One run of libyaml's parser over a file.
@safe
private struct EventSource: ~Copyable {
    private let file: ByteString
    /// On the heap: the parser keeps a pointer to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private var nodeCount = 0

    init(file: ByteString) {
        self.file = file
        unsafe parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
    }

    deinit { unsafe parser.deallocate() }

    mutating func withEvents(of bytes: [UInt8]) throws(ConfigurationError) -> [YAMLNode] {
        // libyaml guesses UTF-16 from a byte order mark; everything else of ours is UTF-8.
        guard unsafe yaml_parser_initialize(parser) == 1 else { throw error(0, "no memory for the YAML parser") }
        defer { unsafe yaml_parser_delete(parser) }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // The bytes must stay in place until the last event, and typed errors cannot pass through the closure of
        // withUnsafeBufferPointer on every compiler, so the outcome is carried out of it as a value.
        let outcome: Result<[YAMLNode], ConfigurationError> = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            do throws(ConfigurationError) {
                return .success(try readStream())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func error(_ line: UInt32, _ message: ByteString) -> ConfigurationError {
        ConfigurationError(file: file, line: line, message: message)
    }

    private mutating func readStream() throws(ConfigurationError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            let event = try next()
            switch event.kind {
            case .documentStart:
                guard documents.count < YAMLLimits.documentCount else {
                    throw error(event.line, "more than 4096 documents in one file; split it")
                }
                let root = try readNode(try next(), depth: 0)
                // "---" alone is an empty document: it says nothing.
                if root.content != .scalar("", isPlain: true) { documents.append(root) }
            case .streamEnd: return documents
            default: continue
            }
        }
    }

    private mutating func readNode(_ event: Event, depth: Int) throws(ConfigurationError) -> YAMLNode {
        nodeCount += 1
        guard nodeCount <= YAMLLimits.nodeCount else { throw error(event.line, "more than 200000 values; split it") }
        guard depth <= YAMLLimits.nesting else { throw error(event.line, "nested more than 32 deep") }
        if event.isDecorated { throw error(event.line, "anchors (&) and tags (!) are not used here; write it out") }
        switch event.kind {
        case .scalar(let text, let isPlain): return YAMLNode(.scalar(text, isPlain: isPlain), line: event.line)
        case .sequenceStart:
            var items: [YAMLNode] = []
            while true {
                let item = try next()
                if case .sequenceEnd = item.kind { break }
                items.append(try readNode(item, depth: depth + 1))
            }
            return YAMLNode(.sequence(items), line: event.line)
        case .mappingStart: return YAMLNode(.mapping(try readPairs(depth: depth)), line: event.line)
        case .alias: throw error(event.line, "aliases (*) are not used here; write it out, or put it in quotes")
        default: throw error(event.line, "a value is missing")
        }
    }

    private mutating func readPairs(depth: Int) throws(ConfigurationError) -> [YAMLPair] {
        var pairs: [YAMLPair] = []
        var lines: HashTable<ByteString, UInt32> = HashTable()
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return pairs }
            guard case .scalar(let key, _) = event.kind, !event.isDecorated else {
                throw error(event.line, "a key must be a plain text")
            }
            nodeCount += 1
            if let first = lines.updateValue(event.line, forKey: key) {
                var message: ByteString = "key \""
                message.append(key)
                message.append("\" stands twice; the first is on line ")
                message.append(decimal: first)
                throw error(event.line, message)
            }
            let value = try readNode(try next(), depth: depth + 1)
            pairs.append(YAMLPair(key: key, line: event.line, value: value))
        }
    }

    private mutating func next() throws(ConfigurationError) -> Event {
        var raw = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &raw) == 1 else {
            var message: ByteString = "not valid YAML: "
            let problem: ByteString =
                unsafe parser.pointee.problem.map { unsafe ByteString(utf8: String(cString: $0)) } ?? "unreadable"
            message.append(problem)
            let line = unsafe Swift.max(parser.pointee.problem_mark.line, parser.pointee.context_mark.line)
            throw error(UInt32(truncatingIfNeeded: line) + 1, message)
        }
        defer { unsafe yaml_event_delete(&raw) }
        let line = unsafe UInt32(truncatingIfNeeded: raw.start_mark.line) + 1
        let isDecorated = unsafe gatehouse_yaml_is_decorated(&raw) != 0
        let kind: Event.Kind
        switch unsafe raw.type {
        case YAML_SCALAR_EVENT:
            var length = 0
            let start = unsafe gatehouse_yaml_scalar(&raw, &length)
            let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: length))
            kind = .scalar(ByteString(bytes), isPlain: unsafe gatehouse_yaml_scalar_is_plain(&raw) != 0)
        case YAML_SEQUENCE_START_EVENT: kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT: kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        default: kind = .other
        }
        return Event(kind: kind, line: line, isDecorated: isDecorated)
    }
}

/// One step of libyaml's parser, copied out of its memory.
private struct Event {
    enum Kind {
        case scalar(ByteString, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case alias
        case documentStart
        case streamEnd
        case other
    }

    let kind: Kind
    let line: UInt32
    let isDecorated: Bool
}
