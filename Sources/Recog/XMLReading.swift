internal import CExpat

/// What is told of the elements of an XML text, in order.
protocol XMLReading: AnyObject {
    /// Whether anything else is wanted; false ends the reading.
    var wantsMore: Bool { get }
    func start(_ name: String, _ attributes: [(name: String, value: String)], line: Int)
    func text(_ text: String, line: Int)
    func end(_ name: String, line: Int)
    /// The text is not well-formed, or declares a document type.
    func fault(_ reason: String, line: Int)
}

/// Reads XML 1.0 with Expat. A document type is refused before it is looked at: with it go external entities, and
/// internal ones that grow.
enum XMLText {
    static func read(_ bytes: [UInt8], to reader: any XMLReading) {
        guard bytes.count <= Int(Int32.max), let parser = unsafe XML_ParserCreate(nil) else {
            reader.fault("out of memory", line: 0)
            return
        }
        defer { unsafe XML_ParserFree(parser) }
        let context = unsafe Context(parser, reader)
        withExtendedLifetime(context) {
            unsafe XML_SetUserData(parser, Unmanaged.passUnretained(context).toOpaque())
            unsafe XML_SetElementHandler(
                parser,
                { data, name, attributes in
                    guard let context = unsafe Context.of(data), let name = unsafe name else { return }
                    var pairs: [(name: String, value: String)] = []
                    var index = 0
                    while let key = unsafe attributes?[index], let value = unsafe attributes?[index + 1] {
                        unsafe pairs.append((String(cString: key), String(cString: value)))
                        index += 2
                    }
                    context.reader.start(unsafe String(cString: name), pairs, line: context.line)
                    context.endIfEnough()
                },
                { data, name in
                    guard let context = unsafe Context.of(data), let name = unsafe name else { return }
                    context.reader.end(unsafe String(cString: name), line: context.line)
                    context.endIfEnough()
                }
            )
            unsafe XML_SetCharacterDataHandler(parser) { data, text, count in
                guard let context = unsafe Context.of(data), let text = unsafe text else { return }
                let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(count))
                context.reader.text(unsafe String(decoding: bytes, as: UTF8.self), line: context.line)
                context.endIfEnough()
            }
            unsafe XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
                guard let context = unsafe Context.of(data) else { return }
                context.reader.fault("a document type (<!DOCTYPE) is not allowed", line: context.line)
                context.stop()
            }
            let status = unsafe bytes.withUnsafeBytes { buffer in
                unsafe XML_Parse(
                    parser,
                    buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(buffer.count),
                    1
                )
            }
            guard status != XML_STATUS_OK, !context.isStopped else { return }
            let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
            reader.fault("not well-formed XML: \(reason ?? "unknown error")", line: context.line)
        }
    }

    /// What Expat hands to its callbacks.
    @safe private final class Context {
        let parser: XML_Parser
        let reader: any XMLReading
        private(set) var isStopped = false

        init(_ parser: XML_Parser, _ reader: any XMLReading) {
            unsafe self.parser = unsafe parser
            self.reader = reader
        }

        static func of(_ data: UnsafeMutableRawPointer?) -> Context? {
            guard let data = unsafe data else { return nil }
            let context = unsafe Unmanaged<Context>.fromOpaque(data).takeUnretainedValue()
            // Expat may still tell what it had begun with.
            return context.isStopped ? nil : context
        }

        var line: Int { Int(unsafe XML_GetCurrentLineNumber(parser)) }

        func endIfEnough() { if !reader.wantsMore { stop() } }

        func stop() {
            isStopped = true
            _ = unsafe XML_StopParser(parser, 0)
        }
    }
}
