/// Collects the bytes of a DNS message and compresses names (RFC 1035 §4.1.4).
struct DNSWriter {
    /// How many places are remembered for pointers; what comes later is still written, only longer.
    private static let maximumNamePlaces = 128
    /// Places beyond what 14 bits can point at.
    private static let pointerLimit = 0x4000

    private(set) var bytes: [UInt8] = []
    /// Where a label of an already written name begins.
    private var namePlaces: [Int] = []

    mutating func append(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    mutating func append(_ value: UInt32) {
        append(UInt16(truncatingIfNeeded: value >> 16))
        append(UInt16(truncatingIfNeeded: value))
    }

    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    mutating func set(_ value: UInt16, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Writes what `body` writes, with its length in two bytes before it.
    mutating func appendLengthPrefixed(_ body: (inout DNSWriter) -> Void) {
        let place = bytes.count
        append(UInt16(0))
        body(&self)
        set(UInt16(truncatingIfNeeded: bytes.count - place - 2), at: place)
    }

    /// Takes back all from `length` on.
    mutating func truncate(to length: Int) {
        bytes.removeLast(bytes.count - length)
        namePlaces.removeAll { $0 >= length }
    }

    /// Writes a name, or a pointer to where its end was written before. The case is kept: only the very same bytes
    /// are pointed at, because askers put a secret into the case of their questions.
    mutating func append(_ name: DNSName, compressing: Bool) {
        let wire = name.wireBytes
        var index = 0
        while index < wire.count, wire[index] != 0 {
            if compressing, let place = place(of: wire, from: index) {
                append(UInt16(0xC000) | UInt16(truncatingIfNeeded: place))
                return
            }
            if bytes.count < DNSWriter.pointerLimit, namePlaces.count < DNSWriter.maximumNamePlaces {
                namePlaces.append(bytes.count)
            }
            let end = index + 1 + Int(wire[index])
            bytes.append(contentsOf: wire[index..<end])
            index = end
        }
        bytes.append(0)
    }

    private func place(of wire: [UInt8], from start: Int) -> Int? {
        for place in namePlaces where holds(wire, from: start, at: place) { return place }
        return nil
    }

    private func holds(_ wire: [UInt8], from start: Int, at place: Int) -> Bool {
        var index = start
        var offset = place
        while true {
            // Everything at a remembered place was written here, so pointers lead backwards and names end.
            while offset + 1 < bytes.count, bytes[offset] & 0xC0 == 0xC0 {
                offset = Int(bytes[offset] & 0x3F) << 8 | Int(bytes[offset + 1])
            }
            guard offset < bytes.count, bytes[offset] == wire[index] else { return false }
            let length = Int(wire[index])
            if length == 0 { return true }
            guard offset + length < bytes.count else { return false }
            for distance in 1...length where bytes[offset + distance] != wire[index + distance] { return false }
            index += length + 1
            offset += length + 1
        }
    }
}
