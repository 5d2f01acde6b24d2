internal import COpenSSL
internal import NetworkTypes

/// A copy of the bytes of an ASN.1 string or integer.
@unsafe func bytes(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
    let count = Int(unsafe ASN1_STRING_length(string))
    guard count > 0, let data = unsafe ASN1_STRING_get0_data(string) else { return [] }
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    for index in 0..<count { copy.append(unsafe data[index]) }
    return copy
}

/// The last common name of a distinguished name, as UTF-8.
@unsafe func commonName(of name: OpaquePointer?) -> ByteString? {
    var last: Int32 = -1
    while true {
        let next = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, last)
        if next < 0 { break }
        last = next
    }
    guard last >= 0, let data = unsafe X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)) else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let count = unsafe ASN1_STRING_to_UTF8(&text, data)
    guard count >= 0, let text = unsafe text else {
        ERR_clear_error()
        return nil
    }
    defer { unsafe CRYPTO_free(text, nil, 0) }
    var copy: [UInt8] = []
    for index in 0..<Int(count) { copy.append(unsafe text[index]) }
    return ByteString(copy)
}

/// The names of one kind (GEN_DNS, GEN_URI, GEN_IPADD) in a list of general names.
@unsafe func names(of type: Int32, in list: OpaquePointer) -> [ByteString] {
    var found: [ByteString] = []
    for index in 0..<max(0, unsafe shim_GENERAL_NAMES_num(list)) {
        guard let name = unsafe shim_GENERAL_NAMES_value(list, index), unsafe name.pointee.type == type,
            let text = unsafe shim_GENERAL_NAME_get0_text(name)
        else { continue }
        found.append(ByteString(unsafe bytes(of: text)))
    }
    return found
}

/// Seconds since 1970 of an ASN.1 time; independent of the width of `time_t`, which is 32 bits on armhf.
@unsafe func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    guard let time = unsafe time, let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
    defer { unsafe ASN1_STRING_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
        ERR_clear_error()
        return nil
    }
    return Int64(days) * 86_400 + Int64(seconds)
}

/// Sets an ASN.1 time to seconds since 1970.
@unsafe func set(_ time: UnsafeMutablePointer<ASN1_TIME>?, toSeconds seconds: Int64) -> Bool {
    guard let time = unsafe time, let days = Int32(exactly: seconds / 86_400) else { return false }
    return unsafe ASN1_TIME_adj(time, 0, days, Int(seconds % 86_400)) != nil
}

/// Alternative names on their way into a request or a certificate.
@safe struct AlternativeNames: ~Copyable {
    let list: OpaquePointer

    init() throws(TLSError) {
        guard let list = unsafe shim_GENERAL_NAMES_new() else { throw .openSSL(.system, "no memory for names") }
        unsafe self.list = list
    }

    deinit { unsafe shim_GENERAL_NAMES_free(list) }

    /// Adds a name of kind GEN_DNS, GEN_URI or GEN_IPADD.
    func append(_ type: Int32, _ value: [UInt8]) throws(TLSError) {
        let isAddress = type == GEN_IPADD
        guard let name = unsafe GENERAL_NAME_new() else { throw .openSSL(.system, "no memory for names") }
        let kind = isAddress ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING
        guard let text = unsafe ASN1_STRING_type_new(kind) else {
            unsafe GENERAL_NAME_free(name)
            throw .openSSL(.system, "no memory for names")
        }
        unsafe GENERAL_NAME_set0_value(name, type, text)
        guard unsafe ASN1_STRING_set(text, value, Int32(clamping: value.count)) == 1,
            unsafe shim_GENERAL_NAMES_push(list, name) > 0
        else {
            unsafe GENERAL_NAME_free(name)
            throw .openSSL(.system, "no memory for names")
        }
    }
}
