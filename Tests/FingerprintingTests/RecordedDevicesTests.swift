import Fingerprinting
import Foundation
import NetworkTypes
import TestSupport
import Testing

/// Devices that others recorded with umockdev, each told by what it says of itself.
@Suite(
    "Recorded devices",
    .enabled(if: CaptureData.isPresent && Rules.hasRegisters, "needs GATEHOUSE_DATA and ieee-data")
)
struct RecordedDevicesTests {
    struct Expected: CustomTestStringConvertible, Sendable {
        let file: String
        let key: String
        let deviceClass: DeviceClass
        let vendor: String?
        let model: String?
        /// Signals that must be among its evidence.
        let evidence: [Signal]
        var testDescription: String { file }
    }

    static let all = [
        Expected(
            file: "canon-powershot-sx200",
            key: "usb:04a9:31c0:C767F1C714174C309255F70E4A7B2EE2@1-1.5.2.3",
            deviceClass: .sensor,
            vendor: "Canon",
            model: "Canon Digital Camera",
            evidence: [Signal(.usbInterface, "06/01/01")]
        ),
        Expected(
            file: "sony-xperia-mini-pro",
            key: "usb:0fce:0166:0123456789ABCDEF@1-1.5.2.4",
            deviceClass: .phone,
            vendor: "Sony",
            model: "MiniPro",
            evidence: [Signal(.usbID, "0fce:0166")]
        ),
        Expected(
            file: "usbkbd",
            key: "usb:05f3:0007:@1-1.5.4.2",
            deviceClass: .inputDevice,
            // It tells nothing of itself: both are the register's.
            vendor: "PI Engineering",
            model: "Kinesis Advantage PRO MPC/USB Keyboard",
            evidence: [Signal(.usbInterface, "03/01/01")]
        ),
        Expected(
            file: "usbkbd.pcap",
            key: "usb:",
            deviceClass: .inputDevice,
            vendor: "Holtek Semiconductor",
            model: "USB Keyboard",
            evidence: [Signal(.usbInterface, "03/01/01")]
        ),
        Expected(
            file: "fido2",
            key: "usb:1050:0120:@1-2.3",
            deviceClass: .securityKey,
            vendor: "Yubico",
            model: "Security Key by Yubico",
            evidence: [Signal(.hidUsage, "f1d0/0001")]
        ),
        Expected(
            file: "elanfingerprint",
            key: "bus:spi-ELAN7001:00",
            deviceClass: .sensor,
            vendor: "Elantech",
            model: "ELAN7001",
            evidence: [Signal(.spiDevice, "acpi:ELAN7001:")]
        ),
        Expected(
            file: "crosfingerprint",
            key: "bus:serial0-0",
            deviceClass: .sensor,
            vendor: "Google",
            model: "ChromeOS fingerprint sensor",
            evidence: [Signal(.serialDevice, "of:NcrfpTCgoogle,cros-ec-uart")]
        ),
        Expected(
            file: "synaptics-touchpad",
            key: "bus:serio1",
            deviceClass: .inputDevice,
            vendor: "Synaptics",
            model: "SynPS/2 Synaptics TouchPad",
            evidence: [Signal(.inputName, "SynPS/2 Synaptics TouchPad")]
        ),
    ]

    @Test("Each recording is one device, rightly told, with its evidence", arguments: all)
    func recording(expected: Expected) throws {
        let file = CaptureData.root.appendingPathComponent("usb/\(expected.file).umockdev")
        let tree = FakeSysfs()
        tree.add(UmockdevRecording(try String(contentsOf: file, encoding: .utf8)))
        let knowledge = try Rules.knowledge()
        let devices = LocalBusScan(tree).devices
        #expect(devices.count == 1, "\(devices.map(\.key))")
        let device = try #require(devices.first)
        #expect(device.key.description.hasPrefix(expected.key), "\(device.key)")
        var tracker = IdentityTracker(device: device.key, knowledge: knowledge)
        for signal in device.signals { tracker.add(signal, knowledge: knowledge) }
        let identity = tracker.identity
        #expect(identity.deviceClass == expected.deviceClass, "\(identity)")
        #expect(identity.vendor?.text == expected.vendor, "\(identity)")
        #expect(identity.model?.text == expected.model, "\(identity)")
        for signal in expected.evidence {
            #expect(identity.evidence.contains { $0.signal == signal }, "\(identity.evidence)")
        }
    }
}
