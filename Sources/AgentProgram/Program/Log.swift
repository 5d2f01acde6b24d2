import ConfigurationFiles
import NetworkTypes

/// The agent's log: one line an event on standard error, with the level systemd understands (sd-daemon(3)).
struct Log {
    /// What is written.
    var level: LogLevel = .info

    /// Something for whoever looks for a fault.
    func debug(_ text: ByteString) { if level == .debug { put("<7>", text) } }

    /// Something worth knowing.
    func info(_ text: ByteString) { if level == .debug || level == .info { put("<6>", text) } }

    /// Something that needs a look.
    func warning(_ text: ByteString) { if level != .error { put("<4>", text) } }

    /// Something that failed.
    func error(_ text: ByteString) { put("<3>", text) }

    private func put(_ priority: ByteString, _ text: ByteString) {
        var line = priority
        // Nothing that a device or the collector says may forge a second line.
        for byte in text.bytes { line.append(byte: byte < 0x20 || byte == 0x7F ? 0x20 : byte) }
        Output.error(line)
    }
}
