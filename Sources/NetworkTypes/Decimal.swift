/// Unsigned decimal numbers in protocol text.
public enum Decimal {
    /// The number that all of `text` spells; nil if it is empty, has another byte, or exceeds `limit`.
    public static func parse(_ text: ByteString, limit: UInt64 = UInt64.max) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in text.bytes {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !carry, sum <= limit else { return nil }
            value = sum
        }
        return value
    }
}
