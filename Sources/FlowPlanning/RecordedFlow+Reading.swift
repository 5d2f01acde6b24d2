internal import Foundation
import NetworkTypes
import Policy

extension RecordedFlow {
    /// Most flows of one file: those of a thousand gateways.
    public static let maximumCount = 4_000_000
    /// Most bytes of a line.
    public static let maximumLineBytes = 16_384

    /// Reads what `gatehouse-agent flows -o json` prints, of one gateway or of several one after another. Members that are not
    /// known are passed over.
    public static func read(_ bytes: [UInt8]) throws(FlowFileError) -> [RecordedFlow] {
        var flows: [RecordedFlow] = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
            guard line.count <= maximumLineBytes, flows.count < maximumCount else {
                throw FlowFileError(line: index + 1, message: "the line is too long, or the file has too many")
            }
            flows.append(try RecordedFlow(Line(Array(line), number: index + 1)))
        }
        return flows
    }

    private init(_ line: Line) throws(FlowFileError) {
        guard let key = DeviceKey(ByteString(utf8: try line.text("device"))) else {
            throw line.error("device is no device key")
        }
        var facts = DeviceFacts(key: key.byteString)
        let className = try line.text("class")
        guard let deviceClass = DeviceClass(name: ByteString(utf8: className)) else {
            throw line.error("\(className) is no class")
        }
        facts.deviceClass = deviceClass
        facts.vendor = ByteString(utf8: try line.optionalText("vendor") ?? "")
        facts.model = ByteString(utf8: try line.optionalText("model") ?? "")
        facts.site = ByteString(utf8: try line.optionalText("site") ?? "")
        facts.classConfidence = try line.confidence("class")
        facts.vendorConfidence = try line.confidence("vendor")
        facts.modelConfidence = try line.confidence("model")
        let directions: [String: FlowDirection] = ["internet": .internet, "gateway": .gateway, "device": .device]
        guard let direction = directions[try line.text("direction")] else {
            throw line.error("direction is not internet, gateway or device")
        }
        guard let address = IPAddress(ByteString(utf8: try line.text("address"))) else {
            throw line.error("address is no address")
        }
        let destination = ByteString(utf8: try line.text("destination"))
        var name: DomainName?
        if direction == .internet, IPAddress(destination) == nil {
            guard let pattern = NamePattern(destination), !pattern.isWildcard else {
                throw line.error("destination is neither a name nor an address")
            }
            name = pattern.name
        }
        let word = try line.text("transport")
        let transports: [String: TransportProtocol] = [
            "tcp": .tcp, "udp": .udp, "icmp": .icmp, "icmpv6": .icmpv6, "gre": .gre,
        ]
        guard let transport = transports[word] ?? UInt8(word).map({ TransportProtocol(rawValue: $0) }) else {
            throw line.error("transport is no protocol")
        }
        self.init(
            device: facts,
            direction: direction,
            name: name,
            address: address,
            transport: transport,
            port: UInt16(try line.number("port", 0...65_535))
        )
        count = try line.number("count", 0...UInt64.max)
        firstMilliseconds = try line.number("first", 0...(1 << 53))
        lastMilliseconds = try line.number("last", firstMilliseconds...Swift.max(firstMilliseconds, 1 << 53))
    }
}

/// One JSON object.
private struct Line {
    private let object: [String: Any]
    private let number: Int

    init(_ bytes: [UInt8], number: Int) throws(FlowFileError) {
        self.number = number
        guard let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
            throw FlowFileError(
                line: number,
                message: "is no JSON object; expected is what gatehouse-agent flows -o json prints"
            )
        }
        self.object = object
    }

    func error(_ message: String) -> FlowFileError { FlowFileError(line: number, message: message) }

    func optionalText(_ key: String) throws(FlowFileError) -> String? {
        guard let value = object[key], !(value is NSNull) else { return nil }
        guard let text = value as? String, text.utf8.count <= 255 else {
            throw error("\(key) is not text, or too long")
        }
        return text
    }

    func text(_ key: String) throws(FlowFileError) -> String {
        guard let text = try optionalText(key) else { throw error("\(key) is missing") }
        return text
    }

    func number(_ key: String, _ range: ClosedRange<UInt64>) throws(FlowFileError) -> UInt64 {
        guard let value = object[key] as? NSNumber, let number = UInt64(exactly: value), range.contains(number) else {
            throw error("\(key) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func confidence(_ key: String) throws(FlowFileError) -> UInt16 {
        guard let member = object["confidence"] else { return 0 }
        guard let members = member as? [String: Any], let value = members[key] as? NSNumber,
            (0...1).contains(value.doubleValue)
        else { throw error("confidence/\(key) is not a number from 0 to 1") }
        return UInt16((value.doubleValue * 1000).rounded())
    }
}
