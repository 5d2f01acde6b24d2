internal import CPCRE2

/// A compiled pattern of PCRE2, made to native code where the processor allows it.
///
/// Immutable once made, so it may be used from several threads: each match has data of its own, and the limits are only read.
@safe final class RegularExpression: @unchecked Sendable {
    /// How many groups capture.
    let groupCount: Int
    private let code: OpaquePointer
    private let limits: OpaquePointer

    /// What a match comes to.
    enum Outcome {
        case none
        /// The ranges of bytes of the whole and of each group; nil for a group that took no part.
        case groups([Range<Int>?])
        /// Ended by a limit of steps, depth or memory.
        case limit
    }

    /// Why a pattern was refused.
    struct Refusal: Error {
        /// Bytes from the pattern's start, as far as it was taken over.
        let offset: Int
        let reason: String
    }

    /// Compiles a pattern in Ruby's notation.
    init(
        _ pattern: String,
        ignoresCase: Bool,
        dotMatchesLineFeed: Bool,
        isInterpreted: Bool = false
    ) throws(Refusal) {
        guard pattern.utf8.count <= RecogLimits.maximumPatternBytes else {
            throw Refusal(offset: 0, reason: "the pattern has more than \(RecogLimits.maximumPatternBytes) bytes")
        }
        let ruby: RubyPattern
        do throws(RubyPattern.Refusal) {
            ruby = try RubyPattern(pattern)
        } catch {
            throw Refusal(offset: error.offset, reason: error.reason)
        }
        // A line ends with a line feed alone, as in Ruby. Bytes that are not UTF-8 match nothing, and are no error.
        var options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C
        if ignoresCase { options |= PCRE2_CASELESS }
        if dotMatchesLineFeed { options |= PCRE2_DOTALL }
        if ruby.hasNamedGroups { options |= PCRE2_NO_AUTO_CAPTURE }
        guard let context = unsafe pcre2_compile_context_create_8(nil),
            let limits = unsafe pcre2_match_context_create_8(nil)
        else { throw Refusal(offset: 0, reason: "out of memory") }
        defer { unsafe pcre2_compile_context_free_8(context) }
        unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        var fault: Int32 = 0
        var offset = 0
        let code = unsafe pcre2_compile_8(ruby.translated, ruby.translated.count, options, &fault, &offset, context)
        guard let code = unsafe code else {
            unsafe pcre2_match_context_free_8(limits)
            throw Refusal(offset: offset, reason: RegularExpression.text(of: fault))
        }
        // Where the processor or the system allows no native code, as under systemd's MemoryDenyWriteExecute, the interpreter
        // works instead.
        if !isInterpreted { _ = unsafe pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE)) }
        unsafe pcre2_set_match_limit_8(limits, RecogLimits.matchSteps)
        unsafe pcre2_set_depth_limit_8(limits, RecogLimits.matchDepth)
        unsafe pcre2_set_heap_limit_8(limits, RecogLimits.matchHeapKiB)
        var count: UInt32 = 0
        _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
        unsafe self.code = code
        unsafe self.limits = limits
    }

    deinit {
        unsafe pcre2_code_free_8(code)
        unsafe pcre2_match_context_free_8(limits)
    }

    /// The first match in a text.
    func match(_ subject: [UInt8]) -> Outcome {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { return .limit }
        defer { unsafe pcre2_match_data_free_8(data) }
        var count = unsafe pcre2_match_8(code, subject, subject.count, 0, 0, data, limits)
        if count == PCRE2_ERROR_JIT_STACKLIMIT {
            // Native code has a small stack of its own; the interpreter has the heap, up to its limit.
            count = unsafe pcre2_match_8(code, subject, subject.count, 0, PCRE2_NO_JIT, data, limits)
        }
        guard count > 0 else { return count == PCRE2_ERROR_NOMATCH ? .none : .limit }
        guard let offsets = unsafe pcre2_get_ovector_pointer_8(data) else { return .none }
        var groups: [Range<Int>?] = []
        for group in 0...groupCount {
            // PCRE2_UNSET, the greatest size, is -1 here. \K may put the start behind the end.
            let start = unsafe offsets[2 * group]
            let end = unsafe offsets[2 * group + 1]
            groups.append(start >= 0 && start <= end && end <= subject.count ? start..<end : nil)
        }
        return .groups(groups)
    }

    private static func text(of fault: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe pcre2_get_error_message_8(fault, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : "error \(fault) of PCRE2"
    }
}
