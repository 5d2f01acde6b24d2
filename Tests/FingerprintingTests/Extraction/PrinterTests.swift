import Fingerprinting
import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("IPP: what a printer says of itself")
struct PrinterTests {
    static func attribute(_ name: String, _ value: String, tag: UInt8 = 0x41) -> [UInt8] {
        [tag] + FrameBuilder.word(name.utf8.count) + Array(name.utf8) + FrameBuilder.word(value.utf8.count)
            + Array(value.utf8)
    }

    static func answer(_ attributes: [[UInt8]], status: Int = 0, isWhole: Bool = true) -> [UInt8] {
        [2, 0] + FrameBuilder.word(status) + [0, 0, 0, 1, 1] + attribute("attributes-charset", "utf-8", tag: 0x47) + [4]
            + attributes.flatMap { $0 } + (isWhole ? [3] : [])
    }

    static let deviceID = attribute(
        "printer-device-id",
        "MFG:Hewlett-Packard;CMD:PCL;MDL:LaserJet 400 M401dn;CLS:PRINTER;"
    )
    static let makeAndModel = attribute("printer-make-and-model", "HP LaserJet 400 M401dn")
    static let firmware = attribute("printer-firmware-string-version", "20201021")
    static let said = [
        "ipp.printer description=HP LaserJet 400 M401dn", "ipp.printer vendor=Hewlett-Packard",
        "ipp.printer model=LaserJet 400 M401dn", "ipp.printer firmware=20201021",
    ]

    static func http(_ body: [UInt8], chunk: Int? = nil, type: String = "application/ipp") -> [UInt8] {
        guard let chunk else {
            return Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
                + body
        }
        var message = Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        for start in stride(from: 0, to: body.count, by: chunk) {
            let part = body[start..<min(start + chunk, body.count)]
            message += Array("\(String(part.count, radix: 16));x=1\r\n".utf8) + part + [13, 10]
        }
        return message + Array("0\r\n\r\n".utf8)
    }

    /// The segments of an answer from port 631 of the device; what they said, each once.
    static func signals(_ segments: [[UInt8]]) -> [String] {
        var sequence: UInt32 = 1000
        let frames = segments.map { bytes in
            defer { sequence += UInt32(bytes.count) }
            return FrameBuilder.ethernet(
                from: SignalExtractorTests.camera,
                to: SignalExtractorTests.router,
                FrameBuilder.ip(
                    from: "192.0.2.7",
                    to: "192.0.2.9",
                    transport: 6,
                    FrameBuilder.tcp(from: 631, to: 50_000, sequence: sequence, bytes)
                )
            )
        }
        var said: [String] = []
        for signal in DiscoveryTests.signals(frames) where !said.contains(signal) { said.append(signal) }
        return said
    }

    @Test("whole, in chunks of every size, and cut anywhere")
    func whole() {
        let body = Self.answer([Self.makeAndModel, Self.attribute("other", "x"), Self.deviceID, Self.firmware])
        #expect(Self.signals([Self.http(body)]) == Self.said)
        for chunk in [1, 2, 7, 100, 1000] {
            #expect(Self.signals([Self.http(body, chunk: chunk)]) == Self.said, "\(chunk)")
        }
        let message = Self.http(body, chunk: 50)
        for cut in stride(from: 1, to: message.count, by: 3) {
            let said = Self.signals([Array(message[..<cut]), Array(message[cut...])])
            #expect(Set(said) == Set(Self.said), "cut at \(cut)")
        }
    }

    @Test("what is there of an answer that is longer than is kept is read")
    func long() {
        let filler = (0..<200).map { Self.attribute("media-\($0)", String(repeating: "a", count: 100), tag: 0x44) }
        let body = Self.answer([Self.makeAndModel] + filler + [Self.deviceID])
        let message = Self.http(body)
        let segments = stride(from: 0, to: message.count, by: 1400).map {
            Array(message[$0..<min($0 + 1400, message.count)])
        }
        #expect(Self.signals(segments) == [Self.said[0]])
    }

    @Test("an error, another type, a request, attributes that lie: nothing, and no trap")
    func others() {
        let body = Self.answer([Self.makeAndModel])
        #expect(Self.signals([Self.http(Self.answer([Self.makeAndModel], status: 0x0400))]) == [])
        #expect(Self.signals([Self.http(body, type: "application/json")]) == [])
        let request = Array("POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\n\r\n".utf8) + body
        #expect(Self.signals([request]) == ["http.host x"], "who asks is none")
        for end in 0..<body.count { _ = Self.signals([Self.http(Array(body[..<end]))]) }
        var random = SeededGenerator(seed: 3)
        for round in 0..<3000 {
            var altered = Self.answer([Self.makeAndModel, Self.deviceID, Self.firmware])
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                altered[Int.random(in: altered.indices, using: &random)] = UInt8.random(
                    in: .min ... .max,
                    using: &random
                )
            }
            _ = Self.signals([Self.http(altered, chunk: round % 2 == 0 ? nil : 40)])
        }
    }

    @Test("named by its own word", .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"))
    func identity() throws {
        let knowledge = try Rules.knowledge()
        let signals = Self.said.compactMap { text in
            Signal(.ippPrinter, ByteString(utf8: String(text.dropFirst("ipp.printer ".count))))
        }
        let identity = Identity(weighing: signals.flatMap { knowledge.lookup($0) })
        #expect(identity.deviceClass == .printer && identity.vendor == "HP")
        #expect(identity.model == "LaserJet 400 M401dn" && identity.firmware == "20201021")
        #expect(identity.contradictions.isEmpty)
    }
}
