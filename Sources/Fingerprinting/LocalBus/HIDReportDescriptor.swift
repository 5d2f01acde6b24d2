import NetworkTypes

/// What a human interface device is for: the usages of the application collections of its report descriptor (Device
/// Class Definition for HID 1.11 §6.2.2; the numbers are those of the HID Usage Tables).
struct HIDReportDescriptor {
    /// Usage page and usage, four hexadecimal digits each: `0001/0006` a keyboard, `f1d0/0001` a FIDO authenticator.
    private(set) var usages: [ByteString] = []

    /// Reads up to the end or the first item that is cut off.
    init(_ bytes: [UInt8]) {
        var position = 0
        var depth = 0
        var page: UInt32 = 0
        // A usage may name its page itself, in its upper half.
        var usage: UInt32?
        while position < bytes.count {
            let prefix = bytes[position]
            if prefix == 0xFE {
                // A long item (§6.2.2.3): none is defined.
                guard position + 1 < bytes.count else { return }
                position += 3 + Int(bytes[position + 1])
                continue
            }
            let size = prefix & 3 == 3 ? 4 : Int(prefix & 3)
            guard size < bytes.count - position else { return }
            var value: UInt32 = 0
            for offset in 0..<size { value |= UInt32(bytes[position + 1 + offset]) << UInt32(offset * 8) }
            position += 1 + size
            switch prefix & 0xFC {
            case 0x04: page = value & 0xFFFF
            case 0x08: usage = usage ?? (size == 4 ? value : page << 16 | value)
            case 0xA0:
                if depth == 0, value == 1, let usage { add(usage) }
                depth += 1
                usage = nil
            case 0xC0:
                depth = max(0, depth - 1)
                usage = nil
            // Input, output and feature items end what is local (§6.2.2.8).
            case 0x80, 0x90, 0xB0: usage = nil
            default: break
            }
        }
    }

    private mutating func add(_ usage: UInt32) {
        guard usages.count < SysfsLimits.usages else { return }
        var text = ByteString()
        text.append(hexadecimal: UInt16(truncatingIfNeeded: usage >> 16), digits: 4)
        text.append(byte: 0x2F)
        text.append(hexadecimal: UInt16(truncatingIfNeeded: usage), digits: 4)
        if !usages.contains(text) { usages.append(text) }
    }
}
