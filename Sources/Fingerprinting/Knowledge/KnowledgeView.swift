internal import NetworkTypes

/// Reads the records of a knowledge file where they lie.
///
/// Sections were checked when the file was opened; a reference that leads outside the string pool or a table makes its
/// record count as absent, so that no file, however made, can trap.
struct KnowledgeView: ~Escapable {
    let bytes: Span<UInt8>
    let layout: KnowledgeLayout

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, _ layout: KnowledgeLayout) {
        self.bytes = bytes
        self.layout = layout
    }

    func integer(at offset: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }

    func uint16(at offset: Int) -> Int { Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) }

    /// The place of the string whose reference stands at `offset`, or nil if it leads outside the pool.
    func stringRange(at offset: Int) -> Range<Int>? {
        let relative = integer(at: offset, bytes: 4)
        let length = uint16(at: offset + 4)
        guard relative <= UInt64(layout.pool.count), length <= layout.pool.count - Int(relative) else { return nil }
        let start = layout.pool.lowerBound + Int(relative)
        return start..<(start + length)
    }

    /// A copy of the string whose reference stands at `offset`; nil if it is empty or leads outside the pool.
    func string(at offset: Int) -> ByteString? {
        guard let range = stringRange(at: offset), !range.isEmpty else { return nil }
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return ByteString(copy)
    }

    func recordOffset(_ section: KnowledgeFormat.Section, _ index: Int) -> Int {
        layout[section].offset + index * section.recordLength
    }

    // MARK: Makers

    struct Maker {
        let name: ByteString
        let flags: UInt8
        let deviceClass: DeviceClass?
    }

    func maker(_ index: Int) -> Maker? {
        guard index < layout[.makers].count else { return nil }
        let offset = recordOffset(.makers, index)
        guard let name = string(at: offset) else { return nil }
        let deviceClass = DeviceClass(rawValue: bytes[offset + 7])
        return Maker(name: name, flags: bytes[offset + 6], deviceClass: deviceClass == .unknown ? nil : deviceClass)
    }

    /// The vendor that a device's own spelling of a name stands for.
    func vendor(spelled name: ByteString) -> ByteString? {
        let trimmed = name.trimmed
        let count = layout[.aliases].count
        let index = lowerBound(0, count) { isString(at: recordOffset(.aliases, $0), before: trimmed.bytes.span) }
        guard index < count else { return nil }
        let offset = recordOffset(.aliases, index)
        guard let range = stringRange(at: offset), equal(range, trimmed.bytes.span) else { return nil }
        return maker(uint16(at: offset + 6))?.name
    }

    /// The maker of the smallest block that the digits lie in, with the digits that name the block.
    func block(_ digits: ByteString) -> (digits: ByteString, maker: Int)? {
        let sections: [(KnowledgeFormat.Section, Int)] = [(.blocks36, 9), (.blocks28, 7), (.blocks24, 6)]
        for (section, length) in sections where digits.count >= length {
            var prefix: UInt64 = 0
            for index in 0..<length {
                guard let digit = Hexadecimal.value(digits.bytes[index]) else { return nil }
                prefix = prefix << 4 | UInt64(digit)
            }
            let keyLength = section.recordLength - 2
            guard let offset = record(section, prefix, bytes: keyLength) else { continue }
            return (ByteString(Array(digits.bytes[0..<length])), uint16(at: offset + keyLength))
        }
        return nil
    }

    // MARK: Searching

    /// Where the record of a sorted section lies that begins with `key`; nil where there is none.
    func record(_ section: KnowledgeFormat.Section, _ key: UInt64, bytes keyLength: Int) -> Int? {
        let count = layout[section].count
        let index = lowerBound(0, count) { integer(at: recordOffset(section, $0), bytes: keyLength) < key }
        guard index < count, integer(at: recordOffset(section, index), bytes: keyLength) == key else { return nil }
        return recordOffset(section, index)
    }

    /// The first index in `low..<high` for which `isBefore` is false.
    func lowerBound(_ low: Int, _ high: Int, _ isBefore: (Int) -> Bool) -> Int {
        var low = low
        var high = high
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func equal(_ range: Range<Int>, _ key: borrowing Span<UInt8>) -> Bool {
        guard range.count == key.count else { return false }
        for index in 0..<key.count where bytes[range.lowerBound + index] != MatcherForm.folded(key[index]) {
            return false
        }
        return true
    }

    /// Whether the string whose reference stands at `offset` sorts before `key`, of which ASCII letters count as lower case.
    func isString(at offset: Int, before key: borrowing Span<UInt8>) -> Bool {
        guard let range = stringRange(at: offset) else { return false }
        let shared = Swift.min(range.count, key.count)
        for index in 0..<shared {
            let byte = bytes[range.lowerBound + index]
            let other = MatcherForm.folded(key[index])
            if byte != other { return byte < other }
        }
        return range.count < key.count
    }
}
