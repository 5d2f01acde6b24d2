import Captures
import Fingerprinting
import NetworkTypes

/// TCP segments of one connection, in an order and with overlaps that the input decides: the table of unfinished streams.
///
/// ```
/// server's port (1: which) | segments: offset in the stream (1), length (1), that many bytes | …
/// ```
enum SegmentedStream {
    /// Ports of streams that are looked into, and one where what they begin with decides.
    private static let ports = [80, 443, 22, 102, 502, 1883, 9600, 44818, 5094, 3671, 5007]

    static func samples() -> [[UInt8]] {
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Camera</title>".utf8)
        let module = PacketSamples.bytes("s7").first ?? []
        let message = PacketSamples.bytes("tls-hello").first ?? []
        let hello: [UInt8] = [0x16, 3, 1, 0, UInt8(message.count)] + message
        return [
            [0] + cut(answer, 20), [3] + cut(module, 30), [0] + cut(answer, 200), [1] + cut(hello, 40),
        ]
    }

    private static func cut(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        stride(from: 0, to: bytes.count, by: length).flatMap { start -> [UInt8] in
            let piece = bytes[start..<min(start + length, bytes.count)]
            return [UInt8(start), UInt8(piece.count)] + piece
        }
    }

    static func decode(_ input: [UInt8]) -> Bool {
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .willing)
        extractor.noticesServerNames = true
        guard let first = input.first else { return false }
        let port = ports[Int(first) % ports.count]
        var found = false
        var index = 1
        var time: UInt64 = 1
        while index + 2 <= input.count {
            let offset = UInt32(input[index])
            let length = min(Int(input[index + 1]), input.count - index - 2)
            let segment = FrameBuilder.tcp(
                from: port,
                to: 40000,
                // Offsets from 128 on lie before the first byte, and numbers run over.
                sequence: UInt32.max &- 100 &+ offset &- (offset > 250 ? 512 : 0),
                Array(input[(index + 2)..<(index + 2 + length)])
            )
            let packet = FrameBuilder.ip(from: "192.0.2.7", to: "192.0.2.8", transport: 6, segment)
            let frame = FrameBuilder.ethernet(from: "ac:cc:8e:01:02:03", packet)
            if extractor.extract(frame.span, timeNanoseconds: time)?.signals.isEmpty == false { found = true }
            index += 2 + length
            time += 1000
        }
        // What is left of it then is a ClientHello that was never whole.
        let names = extractor.takeServerNames(nowNanoseconds: time + 20_000_000_000)
        return found || !names.isEmpty
    }
}
