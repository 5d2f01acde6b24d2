import NetworkTypes

/// What a USB device declares of itself: the descriptors as sysfs has them, the device's first, then those of each
/// configuration (USB 2.0 §9.5 and §9.6; Documentation/ABI/stable/sysfs-bus-usb).
///
/// They are readable before an interface has its folder in sysfs, and of a device that is not authorised. Every
/// alternate setting is read: what a device may become counts.
struct USBDescriptors {
    /// `class/subclass/protocol`, two hexadecimal digits each, of each different interface.
    private(set) var interfaces: [ByteString] = []
    /// wTerminalType of each different terminal of an audio control interface, four digits (USB Audio 1.0 §4.3.2.1, 2.0
    /// §4.7.2.4, the same place in both).
    private(set) var audioTerminals: [ByteString] = []

    /// bDescriptorType of an interface (USB 2.0 table 9-5) and of what a class adds to one (USB Audio 1.0 table A-4).
    private static let interface: UInt8 = 0x04
    private static let classSpecific: UInt8 = 0x24

    /// Reads up to the first descriptor that is broken: a length below 2, or beyond the end.
    init(_ bytes: [UInt8]) {
        var position = 0
        var isAudioControl = false
        while position + 2 <= bytes.count {
            let length = Int(bytes[position])
            guard length >= 2, length <= bytes.count - position else { return }
            switch bytes[position + 1] {
            case USBDescriptors.interface where length >= 9:
                var text = ByteString()
                for offset in 5...7 {
                    if offset > 5 { text.append(byte: 0x2F) }
                    text.append(hexadecimal: UInt16(bytes[position + offset]), digits: 2)
                }
                isAudioControl = text.hasPrefix("01/01/")
                USBDescriptors.add(text, to: &interfaces)
            // Input and output terminals: bDescriptorSubtype 2 and 3.
            case USBDescriptors.classSpecific where isAudioControl && length >= 6:
                guard bytes[position + 2] == 2 || bytes[position + 2] == 3 else { break }
                var text = ByteString()
                text.append(hexadecimal: UInt16(bytes[position + 5]) << 8 | UInt16(bytes[position + 4]), digits: 4)
                USBDescriptors.add(text, to: &audioTerminals)
            default: break
            }
            position += length
        }
    }

    private static func add(_ text: ByteString, to list: inout [ByteString]) {
        if list.count < SysfsLimits.interfaces, !list.contains(text) { list.append(text) }
    }
}
