import Fingerprinting
import NetworkTypes
import TestSupport
import Testing

@Suite("Local buses")
struct LocalBusTests {
    private static let webcam = [
        "idVendor": "046d\n", "idProduct": "0825\n", "serial": "5F 1A@9\n", "manufacturer": "Logitech\n",
        "product": "HD Webcam C270\n", "bDeviceClass": "ef\n",
    ]

    @Test("A camera on USB and its V4L2 nodes are one device")
    func camera() {
        let tree = FakeSysfs()
        tree.addUSB("1-1.2", Self.webcam, interfaces: [("0e", "01", "00"), ("0e", "02", "00"), ("0e", "02", "00")])
        for node in ["video0", "video1"] {
            let path = "/sys/devices/pci0000:00/usb1/1-1.2/1-1.2:1.0/video4linux/\(node)"
            tree.add(device: path, ["name": "HD Webcam C270: HD Webcam C270\n"])
            tree.link("/sys/class/video4linux/\(node)", to: path)
        }
        let devices = LocalBusScan(tree).devices
        #expect(devices.map(\.key.description) == ["usb:046d:0825:5F_1A_9@1-1.2"])
        #expect(
            devices.first?.signals == [
                Signal(.usbID, "046d:0825"), Signal(.usbManufacturer, "Logitech"),
                Signal(.usbProduct, "HD Webcam C270"), Signal(.usbInterface, "0e/01/00"),
                Signal(.usbInterface, "0e/02/00"), Signal(.v4l2Name, "HD Webcam C270: HD Webcam C270"),
            ]
        )
    }

    @Test("Hubs and root hubs are left out; a device without a serial number has a key all the same")
    func hubs() {
        let tree = FakeSysfs()
        tree.addUSB("usb1", ["idVendor": "1d6b\n", "idProduct": "0002\n", "bDeviceClass": "09\n"])
        tree.addUSB("1-1", ["idVendor": "05e3\n", "idProduct": "0608\n", "bDeviceClass": "09\n"])
        tree.addUSB("1-1.4", ["idVendor": "10C4\n", "idProduct": "EA60\n", "bDeviceClass": "00\n"])
        #expect(LocalBusScan(tree).devices.map(\.key.description) == ["usb:10c4:ea60:@1-1.4"])
    }

    @Test("A camera on the board itself is a device of its own")
    func platformCamera() {
        let tree = FakeSysfs()
        let path = "/sys/devices/platform/soc/3f801000.csi/video4linux/video0"
        tree.add(device: path, ["name": "unicam\n"])
        tree.link("/sys/class/video4linux/video0", to: path)
        let devices = LocalBusScan(tree).devices
        #expect(devices.map(\.key.description) == ["bus:video4linux-video0"])
        #expect(devices.first?.signals == [Signal(.v4l2Name, "unicam")])
    }

    @Test("More devices than the limit are counted, not kept; an empty tree has none")
    func limits() {
        let tree = FakeSysfs()
        for index in 1...(SysfsLimits.devices + 3) {
            tree.addUSB("1-\(index)", ["idVendor": "10c4", "idProduct": "ea60", "bDeviceClass": "00"])
        }
        let scan = LocalBusScan(tree)
        #expect(scan.devices.count == SysfsLimits.devices)
        #expect(scan.turnedAway == 3)
        #expect(LocalBusScan(FakeSysfs()).devices.isEmpty)
    }

    @Test(
        "The webcam is named from sysfs alone",
        .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids")
    )
    func identity() throws {
        let knowledge = try Rules.knowledge()
        let tree = FakeSysfs()
        tree.addUSB("1-1", Self.webcam, interfaces: [("0e", "01", "00")])
        let device = try #require(LocalBusScan(tree).devices.first)
        var tracker = IdentityTracker(device: device.key, knowledge: knowledge)
        for signal in device.signals { tracker.add(signal, knowledge: knowledge) }
        #expect(tracker.identity.vendor == "Logitech")
        #expect(tracker.identity.model == "HD Webcam C270")
        #expect(tracker.identity.deviceClass == .sensor)
    }
}
