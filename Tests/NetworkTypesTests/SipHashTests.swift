import NetworkTypes
import Testing

@Suite("SipHash-2-4")
struct SipHashTests {
    /// Key 00…0f over the first bytes of 00 01 02…: the last is the example of the paper's appendix A, the others of the
    /// authors' vectors.
    static let vectors: [(Int, UInt64)] = [
        (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137), (8, 0x93f5_f579_9a93_2462),
        (15, 0xa129_ca61_49be_45e5),
    ]

    @Test("The authors' vectors", arguments: vectors.indices)
    func vector(_ index: Int) {
        let (length, expected) = Self.vectors[index]
        let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        // Not from the start of the array, to see that the range counts.
        let bytes = [0xFF, 0xFF, 0xFF] + (0..<UInt8(length)).map { $0 }
        #expect(hash.hash(bytes.span, 3..<bytes.count) == expected)
    }
}
