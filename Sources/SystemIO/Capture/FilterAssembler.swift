/// Puts a classic BPF program together, with labels in place of counted jumps.
///
/// Codes are those of linux/bpf_common.h: class in the low three bits, then size or operation, then mode or source.
struct FilterAssembler {
    /// A place in the program that is named before it is reached. Jumps only go forward, so every program ends.
    struct Label: Hashable { fileprivate let number: Int }

    private var program: [FilterInstruction] = []
    private var places: [Int?] = []
    private var fixes: [(instruction: Int, whenTrue: Label?, whenFalse: Label?)] = []

    /// The kernel's limit (BPF_MAXINSNS).
    static let instructionLimit = 4_096

    mutating func label() -> Label {
        places.append(nil)
        return Label(number: places.count - 1)
    }

    /// The next instruction is where `label` points.
    mutating func place(_ label: Label) { places[label.number] = program.count }

    /// A = 1, 2 or 4 bytes at an absolute offset.
    mutating func load8(_ offset: UInt32) { emit(0x30, offset) }
    mutating func load16(_ offset: UInt32) { emit(0x28, offset) }
    /// A = 1, 2 or 4 bytes at X + offset.
    mutating func load8(atX offset: UInt32) { emit(0x50, offset) }
    mutating func load16(atX offset: UInt32) { emit(0x48, offset) }
    mutating func load32(atX offset: UInt32) { emit(0x40, offset) }
    /// A = scratch word, X = scratch word, X = constant, A = constant.
    mutating func loadScratch(_ word: UInt32) { emit(0x60, word) }
    mutating func loadXScratch(_ word: UInt32) { emit(0x61, word) }
    mutating func loadX(_ value: UInt32) { emit(0x01, value) }
    mutating func loadConstant(_ value: UInt32) { emit(0x00, value) }
    /// Scratch word = A.
    mutating func store(_ word: UInt32) { emit(0x02, word) }
    /// A op= constant.
    mutating func and(_ value: UInt32) { emit(0x54, value) }
    mutating func shiftLeft(_ bits: UInt32) { emit(0x64, bits) }
    mutating func shiftRight(_ bits: UInt32) { emit(0x74, bits) }
    mutating func add(_ value: UInt32) { emit(0x04, value) }
    /// A += X.
    mutating func addX() { emit(0x0C, 0) }
    /// A -= X.
    mutating func subtractX() { emit(0x1C, 0) }
    /// X = A, A = X.
    mutating func moveToX() { emit(0x07, 0) }
    mutating func moveFromX() { emit(0x87, 0) }
    /// The verdict: how many bytes are captured; 0 drops the frame.
    mutating func accept(_ bytes: UInt32) { emit(0x06, bytes) }

    /// Goes on at `label`.
    mutating func jump(_ label: Label) {
        fixes.append((program.count, label, nil))
        emit(0x05, 0)
    }

    /// A == value; nil goes on with the next instruction.
    mutating func ifEqual(_ value: UInt32, _ whenTrue: Label?, otherwise whenFalse: Label? = nil) {
        branch(0x15, value, whenTrue, whenFalse)
    }

    /// A >= value.
    mutating func ifAtLeast(_ value: UInt32, _ whenTrue: Label?, otherwise whenFalse: Label? = nil) {
        branch(0x35, value, whenTrue, whenFalse)
    }

    /// A >= X.
    mutating func ifAtLeastX(_ whenTrue: Label?, otherwise whenFalse: Label? = nil) {
        branch(0x3D, 0, whenTrue, whenFalse)
    }

    /// A & value != 0.
    mutating func ifAnyBit(_ value: UInt32, _ whenTrue: Label?, otherwise whenFalse: Label? = nil) {
        branch(0x45, value, whenTrue, whenFalse)
    }

    /// The program with its jumps counted; nil where a label was not placed, lies behind, or is further than a
    /// conditional jump reaches (255).
    consuming func finish() -> [FilterInstruction]? {
        guard program.count <= FilterAssembler.instructionLimit else { return nil }
        var result = program
        for fix in fixes {
            func distance(_ label: Label) -> Int? {
                guard let place = places[label.number], place > fix.instruction else { return nil }
                return place - fix.instruction - 1
            }
            if result[fix.instruction].code == 0x05 {
                guard let label = fix.whenTrue, let count = distance(label) else { return nil }
                result[fix.instruction].operand = UInt32(count)
                continue
            }
            if let label = fix.whenTrue {
                guard let count = distance(label), count <= 255 else { return nil }
                result[fix.instruction].jumpTrue = UInt8(count)
            }
            if let label = fix.whenFalse {
                guard let count = distance(label), count <= 255 else { return nil }
                result[fix.instruction].jumpFalse = UInt8(count)
            }
        }
        return result
    }

    private mutating func emit(_ code: UInt16, _ operand: UInt32) { program.append(FilterInstruction(code, operand)) }

    private mutating func branch(_ code: UInt16, _ value: UInt32, _ whenTrue: Label?, _ whenFalse: Label?) {
        fixes.append((program.count, whenTrue, whenFalse))
        emit(code, value)
    }
}
