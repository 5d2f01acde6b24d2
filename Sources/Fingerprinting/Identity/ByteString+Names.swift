internal import NetworkTypes

extension ByteString {
    /// What stands before the first dot: `axis-accc8e010203` of `axis-accc8e010203.local`.
    var firstLabel: ByteString {
        guard let dot = bytes.firstIndex(of: 0x2E) else { return self }
        return ByteString(Array(bytes[0..<dot]))
    }

    /// Only letters and digits, in lower case: how names are compared that people and firmwares punctuate differently.
    var comparisonForm: ByteString {
        ByteString(
            lowercasedASCII.bytes.filter { byte in
                (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7A) || byte >= 0x80
            }
        )
    }
}
