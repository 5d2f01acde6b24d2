internal import COpenSSL
public import NetworkTypes

extension CaptureCiphers {
    /// Those of libcrypto.
    public static var openSSL: CaptureCiphers {
        CaptureCiphers(
            encryptAES: { unsafe cipher(EVP_aes_128_ecb(), encrypts: true, $0, input: $1) },
            decryptAES: { unsafe cipher(EVP_aes_128_ecb(), encrypts: false, $0, input: $1) },
            openAESGCM: { key, nonce, associated, sealed in
                guard sealed.count >= 16, nonce.count == 12 else { return nil }
                return unsafe cipher(
                    EVP_aes_128_gcm(),
                    encrypts: false,
                    key,
                    nonce: nonce,
                    associated: associated,
                    input: Array(sealed.dropLast(16)),
                    tag: Array(sealed.suffix(16))
                )
            },
            hmacSHA256: { Cryptography.hmacSHA256(key: $0, message: $1) },
            md5: {
                var output = [UInt8](repeating: 0, count: 16)
                return unsafe EVP_Digest($0, $0.count, &output, nil, EVP_md5(), nil) == 1 ? output : nil
            }
        )
    }

    /// One run of a cipher with a key of 16 bytes; nil where libcrypto refuses, or the tag is not that of the text.
    @unsafe private static func cipher(
        _ algorithm: OpaquePointer?,
        encrypts: Bool,
        _ key: [UInt8],
        nonce: [UInt8]? = nil,
        associated: [UInt8] = [],
        input: [UInt8],
        tag: [UInt8] = []
    ) -> [UInt8]? {
        guard key.count == 16, nonce != nil || input.count % 16 == 0, let context = unsafe EVP_CIPHER_CTX_new() else {
            return nil
        }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let started = unsafe EVP_CipherInit_ex(context, algorithm, nil, key, nonce, encrypts ? 1 : 0)
        guard started == 1, unsafe EVP_CIPHER_CTX_set_padding(context, 0) == 1 else { return nil }
        var count: Int32 = 0
        if !associated.isEmpty {
            let done = unsafe EVP_CipherUpdate(context, nil, &count, associated, Int32(clamping: associated.count))
            guard done == 1 else { return nil }
        }
        var output = [UInt8](repeating: 0, count: input.count + 16)
        guard unsafe EVP_CipherUpdate(context, &output, &count, input, Int32(clamping: input.count)) == 1 else {
            return nil
        }
        var tag = tag
        if !tag.isEmpty {
            guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(tag.count), &tag) == 1 else {
                return nil
            }
        }
        // Without padding nothing is left over to be written: neither of the modes ends with bytes of its own.
        var rest = [UInt8](repeating: 0, count: 16)
        var restCount: Int32 = 0
        guard unsafe EVP_CipherFinal_ex(context, &rest, &restCount) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Array(output.prefix(Int(count)))
    }
}
