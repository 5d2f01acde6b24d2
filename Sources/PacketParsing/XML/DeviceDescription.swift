public import NetworkTypes

/// What a device says of itself in XML: a UPnP device description (UPnP Device Architecture 2.0 §2.3) or ONVIF's
/// GetDeviceInformationResponse (ONVIF Core Specification §8.3.1). Of devices within the device nothing is taken; serial
/// numbers are passed over.
public struct DeviceDescription: Hashable, Sendable {
    /// Most bytes of a description that are asked for.
    public static let maximumLength = 256 << 10
    /// Most events of a document that are looked at.
    static let maximumEvents = 8192

    /// Each subject once, in the order of the document.
    public private(set) var statements: [DeviceAnnouncement.Statement] = []

    /// All that the reader has left. Where the end is missing or broken, what was read counts.
    public init(parsing reader: inout ByteReader) {
        var scanner = XMLScanner(reader.rest())
        var element = ByteString()
        for _ in 0..<DeviceDescription.maximumEvents {
            guard let event = try? scanner.next() else { return }
            switch event {
            case .start(let name):
                // The devices that a UPnP root device holds follow its own statements.
                if name == "deviceList" || name == "serviceList" { return }
                element = name
            case .end: element = ByteString()
            case .text(let text):
                guard let subject = DeviceDescription.subject(element) else { continue }
                let isKnown = statements.contains { $0.subject == subject }
                // Line ends and tabs would break the line that the statement is printed in.
                var value = text.trimmed
                for index in value.bytes.indices where value.bytes[index] < 0x20 || value.bytes[index] == 0x7F {
                    value.bytes[index] = 0x20
                }
                if !isKnown, !value.isEmpty {
                    statements.append(DeviceAnnouncement.Statement(subject: subject, value: value))
                }
            }
        }
    }

    /// The names of UPnP, then those of ONVIF.
    private static func subject(_ element: ByteString) -> DeviceAnnouncement.Subject? {
        switch element {
        case "manufacturer", "Manufacturer": return .vendor
        case "modelName", "Model": return .model
        case "modelNumber", "HardwareId": return .product
        case "modelDescription": return .description
        case "friendlyName": return .name
        case "FirmwareVersion": return .firmware
        default: return nil
        }
    }
}
