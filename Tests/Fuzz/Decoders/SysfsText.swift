import Fingerprinting
import NetworkTypes

/// A sysfs of which every name, attribute and link is what the input says next; lines end what they say.
final class SysfsText: SysfsTree {
    /// A camera on USB with one interface and its video node, in the order in which the scan asks.
    static let sample = "1-1\n1-1:1.0\nusb1\n\n046d\n0825\n00\nserial 7\nLogitech\nC270\n0e\n01\n00\n"

    private let lines: [ByteString]
    private var next = 0

    init(_ bytes: [UInt8]) { lines = ByteString(bytes).split(0x0A) }

    private func line() -> ByteString? {
        guard next < lines.count else { return nil }
        next += 1
        return lines[next - 1]
    }

    /// Lines up to an empty one.
    func entries(of directory: ByteString) -> [ByteString] {
        var names: [ByteString] = []
        while let name = line(), !name.isEmpty { names.append(name) }
        return names
    }

    func contents(of file: ByteString) -> ByteString? { line() }

    func resolve(_ path: ByteString) -> ByteString? { line() }

    func videoCapabilities(of node: ByteString) -> [UInt8]? { line()?.bytes }
}
