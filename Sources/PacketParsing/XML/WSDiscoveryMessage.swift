public import NetworkTypes

/// A WS-Discovery message by which a device announces itself (OASIS WS-Discovery 1.1 §4-5, and the 2005 draft that
/// ONVIF uses).
public struct WSDiscoveryMessage: Hashable, Sendable {
    /// Most types, scopes and addresses, each; the rest is passed over.
    public static let maximumTokens = 64

    /// Which message.
    public enum Action: UInt8, Hashable, Sendable {
        /// A device has joined.
        case hello
        /// A device leaves.
        case bye
        /// Somebody searches.
        case probe
        /// A device answers a search.
        case probeMatches
        /// Somebody asks for the address of a device.
        case resolve
        /// The answer to that.
        case resolveMatches
    }

    /// What the body holds.
    public let action: Action
    /// How many devices the body tells of; more than one if a proxy speaks for others.
    public private(set) var endpointCount = 0
    /// Types, without their prefixes: `NetworkVideoTransmitter`.
    public private(set) var types: [ByteString] = []
    /// Scopes: `onvif://www.onvif.org/hardware/M3045-V`.
    public private(set) var scopes: [ByteString] = []
    /// Where the device is to be asked: `http://192.0.2.7/onvif/device_service`.
    public private(set) var transportAddresses: [ByteString] = []

    /// A SOAP envelope that fills all the reader has left. Where the end is missing or broken, what was read counts.
    public init(parsing reader: inout ByteReader) throws(DecodeError) {
        var scanner = XMLScanner(reader.rest())
        var isInBody = false
        var found: Action?
        while found == nil {
            guard let event = try scanner.next() else { throw reader.error(.unsupported) }
            guard case .start(let name) = event else { continue }
            if isInBody {
                guard let action = WSDiscoveryMessage.action(name) else { throw reader.error(.unsupported) }
                found = action
            } else if name == "Body" {
                isInBody = true
            }
        }
        guard let action = found else { throw reader.error(.unsupported) }
        self.action = action
        read(&scanner)
    }

    private mutating func read(_ scanner: inout XMLScanner) {
        var element = ByteString()
        while let event = try? scanner.next() {
            switch event {
            case .start(let name):
                element = name
                if name == "EndpointReference" { endpointCount += 1 }
            case .end(let name):
                if name == "Body" { return }
                element = ByteString()
            case .text(let text):
                if element == "Types" {
                    WSDiscoveryMessage.append(text, to: &types, withoutPrefix: true)
                } else if element == "Scopes" {
                    WSDiscoveryMessage.append(text, to: &scopes, withoutPrefix: false)
                } else if element == "XAddrs" {
                    WSDiscoveryMessage.append(text, to: &transportAddresses, withoutPrefix: false)
                }
            }
        }
    }

    private static func action(_ name: ByteString) -> Action? {
        switch name {
        case "Hello": return .hello
        case "Bye": return .bye
        case "Probe": return .probe
        case "ProbeMatches": return .probeMatches
        case "Resolve": return .resolve
        case "ResolveMatches": return .resolveMatches
        default: return nil
        }
    }

    /// The words of a list, each once.
    private static func append(_ text: ByteString, to list: inout [ByteString], withoutPrefix: Bool) {
        var word = ByteString()
        for byte in text.bytes + [0x20] {
            if byte > 0x20 {
                if withoutPrefix, byte == 0x3A { word = ByteString() } else { word.append(byte: byte) }
                continue
            }
            if !word.isEmpty, list.count < maximumTokens, !list.contains(word) { list.append(word) }
            word = ByteString()
        }
    }
}
