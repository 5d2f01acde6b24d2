internal import CLinux
internal import NetworkTypes

extension ByteString {
    /// A copy of C text up to its zero byte.
    init(terminated text: UnsafePointer<CChar>) {
        var bytes: [UInt8] = []
        var index = 0
        while unsafe text[index] != 0 {
            unsafe bytes.append(UInt8(bitPattern: text[index]))
            index += 1
        }
        self.init(bytes)
    }

    /// Calls `body` with the text as C wants it. Bytes after a zero byte would be lost, so such text never gets here:
    /// `path(_:)` refuses it.
    func withTerminated<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        var copy: [CChar] = []
        copy.reserveCapacity(count + 1)
        for byte in bytes { copy.append(CChar(bitPattern: byte)) }
        copy.append(0)
        return unsafe copy.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                var zero: CChar = 0
                return unsafe body(&zero)
            }
            return unsafe body(start)
        }
    }

    /// Throws where a path holds a zero byte or is longer than PATH_MAX of limits.h.
    func checkedAsPath(_ operation: StaticString) throws(SystemError) {
        guard !isEmpty, count < Int(PATH_MAX) else {
            throw SystemError(code: isEmpty ? ENOENT : ENAMETOOLONG, operation: operation, subject: self)
        }
        for byte in bytes where byte == 0 { throw SystemError(code: EINVAL, operation: operation, subject: self) }
    }
}
