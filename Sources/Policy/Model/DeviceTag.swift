public import NetworkTypes

/// A word that people give to devices, and that allowlists match on. It is part of what is signed: whoever can move a tag can
/// move a device to another policy.
public struct DeviceTag: Hashable, Sendable {
    /// 1 to 64 bytes of `a-z 0-9 - _ .`
    public var name: ByteString
    /// Device keys, in the form of `DeviceKey`; in ascending order, each once.
    public var devices: [ByteString]

    /// A tag.
    public init(name: ByteString, devices: [ByteString]) {
        self.name = name
        self.devices = devices
    }

    /// Whether a device has it. Asked for every packet that is logged: by halves, for there may be thousands.
    public func holds(_ device: ByteString) -> Bool {
        var first = 0
        var end = devices.count
        while first < end {
            let middle = (first + end) / 2
            if devices[middle] == device { return true }
            if devices[middle] < device { first = middle + 1 } else { end = middle }
        }
        return false
    }

    /// Whether the keys are in order, each once.
    var isInOrder: Bool {
        for index in devices.indices.dropFirst() where !(devices[index - 1] < devices[index]) { return false }
        return true
    }

    /// Whether a name is one that tags and allowlists may have: 1 to 64 bytes of `a-z 0-9 - _ .`
    public static func isWellFormed(_ name: ByteString) -> Bool {
        !name.isEmpty && name.count <= PolicyLimits.nameBytes
            && name.bytes.allSatisfy { byte in
                (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x5F
                    || byte == 0x2E
            }
    }
}
