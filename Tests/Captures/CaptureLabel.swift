import Fingerprinting
import Foundation
import NetworkTypes

/// One device of `captures/labels.json`: where it is seen, and what is right to say of it.
public struct CaptureLabel: Decodable, Sendable {
    /// The file below `GATEHOUSE_DATA`.
    public var capture: String
    /// The hardware addresses by which the device is known.
    public var macs: [String]
    /// Its IP addresses, where the hardware address is not known.
    public var addresses: [String]
    /// Every class that is a right answer, `unknown` among them where the capture does not tell; nil where nobody knows.
    public var classes: [String]?
    /// Brand, or maker of its radio module; nil where nobody knows.
    public var vendor: String?
    /// Words a right model name contains; none where the device does not say its model, so that any name is wrong.
    public var modelTokens: [String]

    /// All labels of the data folder.
    public static func all() throws -> [CaptureLabel] {
        let data = try Data(contentsOf: CaptureData.root.appendingPathComponent("captures/labels.json"))
        return try JSONDecoder().decode([CaptureLabel].self, from: data)
    }

    /// The path as `CaptureData.bytes` takes it.
    public var path: String { String(capture.dropFirst("captures/".count)) }

    /// The devices that the label speaks of, by hardware address. Only those that the agent would list: an address that
    /// merely forwards what others send, as a DHCP relay's, is no device, and nothing is said of it.
    public func devices(in replay: Replay) -> [MACAddress] {
        var devices = macs.compactMap { MACAddress(ByteString(utf8: $0)) }.filter(replay.hasSeen)
        for text in addresses {
            guard let address = IPAddress(ByteString(utf8: text)) else { continue }
            for device in replay.devices(holding: address) where !devices.contains(device) { devices.append(device) }
        }
        return devices
    }

    /// Whether this class is right.
    public func judge(class found: DeviceClass) -> Verdict {
        guard let classes else { return .notJudged }
        if found == .unknown { return classes.contains("unknown") ? .rightlyUnsaid : .unsaid }
        return classes.contains(found.name.text) ? .right : .wrong
    }

    /// Whether this vendor is right: words are compared, as labels write `Signify (Philips)`.
    public func judge(vendor found: ByteString?) -> Verdict {
        guard let vendor else { return .notJudged }
        guard let own = found?.text.lowercased() else { return .unsaid }
        let words = vendor.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "-") }
        for word in words where own.hasPrefix(word) || word.hasPrefix(own) || own.split(separator: " ").contains(word) {
            return .right
        }
        return .wrong
    }

    /// Whether this model is right: it has to hold one of the words.
    public func judge(model found: ByteString?) -> Verdict {
        guard let found else { return modelTokens.isEmpty ? .rightlyUnsaid : .unsaid }
        let own = CaptureLabel.lettersAndDigits(found.text)
        return modelTokens.contains { own.contains(CaptureLabel.lettersAndDigits($0)) } ? .right : .wrong
    }

    private static func lettersAndDigits(_ text: String) -> String {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
