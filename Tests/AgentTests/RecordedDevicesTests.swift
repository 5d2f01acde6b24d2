import Foundation
import KnowledgeBuilder
import TestSupport
import Testing

/// `identify --sysroot` on devices that others recorded with umockdev, laid out as a tree of files.
@Suite(.longComputation) struct RecordedDevicesTests {
    static let recordings = CaptureData.root.appending(path: "usb")
    static let registers = KnowledgeBuilder.defaultIEEEDataDirectory
    static let rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "agent-config/knowledge")
    static var isPossible: Bool {
        CaptureData.isPresent && FileManager.default.fileExists(atPath: registers + "/oui.csv")
    }

    @Test(.enabled(if: isPossible, "needs GATEHOUSE_DATA and Debian's ieee-data"))
    func eachIsToldWithItsEvidence() async throws {
        try await TemporaryDirectory.with { directory in
            let knowledge = directory.appending(path: "knowledge")
            try Data(KnowledgeBuilder.build(ruleDirectory: Self.rules.path, ieeeDataDirectory: Self.registers)).write(
                to: knowledge
            )
            for (name, expected) in [
                ("canon-powershot-sx200", ["sensor", "Canon", "usb.interface = 06/01/01"]),
                ("sony-xperia-mini-pro", ["phone", "Sony", "MiniPro", "usb.id = 0fce:0166"]),
                ("usbkbd", ["input-device", "usb.interface = 03/01/01"]),
                ("usbkbd.pcap", ["input-device", "USB Keyboard"]),
                ("fido2", ["security-key", "Yubico", "hid.usage = f1d0/0001"]),
                ("elanfingerprint", ["sensor", "Elantech", "spi.device = acpi:ELAN7001:"]),
                ("crosfingerprint", ["sensor", "Google", "ChromeOS fingerprint sensor", "serial.device = of:Ncrfp"]),
                ("synaptics-touchpad", ["input-device", "Synaptics", "input.name = SynPS/2 Synaptics TouchPad"]),
            ] {
                let root = directory.appending(path: name)
                let text = try Self.recordings.appending(path: "\(name).umockdev").text()
                try UmockdevRecording(text).layOut(below: root)
                let outcome = try await Programs.run(
                    Programs.path("gatehouse-agent"),
                    ["identify", "--sysroot", root.path, "--knowledge", knowledge.path],
                    in: directory
                )
                #expect(outcome.status == 0, "\(name): \(outcome)")
                let devices = outcome.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
                #expect(devices.count == 1, "\(name): \(outcome.output)")
                for part in expected { #expect(outcome.output.contains(part), "\(name): \(outcome.output)") }
                if let device = devices.first { print("\(name): \(device)") }
            }
        }
    }
}
