/// One instruction of a classic BPF program (linux/filter.h `struct sock_filter`).
public struct FilterInstruction: Hashable, Sendable {
    /// Operation (linux/bpf_common.h).
    public let code: UInt16
    /// Instructions to pass over where a comparison holds.
    public internal(set) var jumpTrue: UInt8
    /// Instructions to pass over where it does not.
    public internal(set) var jumpFalse: UInt8
    /// Operand.
    public internal(set) var operand: UInt32

    init(_ code: UInt16, _ operand: UInt32 = 0, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0) {
        self.code = code
        self.operand = operand
        self.jumpTrue = jumpTrue
        self.jumpFalse = jumpFalse
    }
}
