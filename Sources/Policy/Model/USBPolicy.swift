public import NetworkTypes

/// What happens to a USB device that is plugged into the gateway while the agent watches: one that types, or brings
/// files. What was there at start-up, and what the agent knew before, stays.
///
/// Holds where the baseline's `unknown` is in enforce mode; in monitor mode it is only reported.
public struct USBPolicy: Hashable, Sendable {
    /// De-authorise new human interface devices.
    public var deauthorisesInput = false
    /// De-authorise new mass storage.
    public var deauthorisesStorage = false
    /// Devices that may be plugged in all the same: `046d:c31c`, or with the serial number `0781:5581:4C530001`.
    public var allowed: [ByteString] = []

    /// Nothing is de-authorised.
    public init() {}

    /// Whether a device with these functions is to be de-authorised; `key` is that of `DeviceKey`.
    public func deauthorises(_ key: ByteString, input: Bool, storage: Bool) -> Bool {
        guard (input && deauthorisesInput) || (storage && deauthorisesStorage) else { return false }
        for entry in allowed {
            // `usb:046d:c31c:SERIAL@1-1.2`; without a serial number every one is meant.
            let hasSerial = entry.count > USBPolicy.identifierLength
            if key.hasPrefix("usb:\(entry)\(hasSerial ? "@" : ":" as ByteString)") { return false }
        }
        return true
    }

    /// `046d:c31c`
    static let identifierLength = 9

    /// Whether an entry of `allowed` is written as there.
    static func isWellFormed(_ entry: ByteString) -> Bool {
        guard entry.count == identifierLength || (entry.count > identifierLength + 1 && entry.bytes[9] == 0x3A),
            entry.count <= PolicyLimits.textBytes, entry.bytes[4] == 0x3A
        else { return false }
        for (index, byte) in entry.bytes.enumerated() {
            guard byte > 0x20, byte < 0x7F, byte != 0x40 else { return false }
            guard index < identifierLength, index != 4 else { continue }
            guard (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) else { return false }
        }
        return true
    }
}
