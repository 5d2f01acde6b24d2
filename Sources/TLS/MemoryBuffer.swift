internal import COpenSSL
internal import NetworkTypes

/// An OpenSSL memory BIO: what PEM functions read from and write to.
@safe struct MemoryBuffer: ~Copyable {
    let bio: OpaquePointer

    /// An empty buffer.
    init() throws(TLSError) {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .openSSL(.system, "no memory for a buffer") }
        unsafe self.bio = bio
    }

    /// A buffer that holds `bytes`.
    init(_ bytes: [UInt8]) throws(TLSError) {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .openSSL(.system, "no memory for a buffer") }
        guard unsafe bytes.isEmpty || BIO_write(bio, bytes, Int32(clamping: bytes.count)) == bytes.count else {
            unsafe BIO_free(bio)
            throw .openSSL(.system, "no memory for a buffer")
        }
        unsafe self.bio = bio
    }

    deinit { _ = unsafe BIO_free(bio) }

    /// A copy of all that was written and not yet read.
    var contents: [UInt8] {
        var data: UnsafeMutablePointer<CChar>?
        let count = Int(unsafe shim_BIO_get_mem_data(bio, &data))
        guard count > 0, let data = unsafe data else { return [] }
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in 0..<count { copy.append(UInt8(bitPattern: unsafe data[index])) }
        return copy
    }
}
