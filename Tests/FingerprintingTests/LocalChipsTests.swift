import Fingerprinting
import NetworkTypes
import TestSupport
import Testing

@Suite("Chips and lines of the local buses")
struct LocalChipsTests {
    /// The keys found, each with its signals as `name=value`.
    private static func scan(_ tree: FakeSysfs) -> [String: [String]] {
        var found: [String: [String]] = [:]
        for device in LocalBusScan(tree).devices {
            found[device.key.description] = device.signals.map { "\($0.kind.name.text)=\($0.value.text)" }
        }
        return found
    }

    @Test("A chip on I2C is one device with its IIO and hwmon folders; adapters and second addresses are none")
    func chips() {
        let tree = FakeSysfs()
        let adapter = "/sys/devices/platform/soc/fe804000.i2c/i2c-1"
        tree.add(adapter, as: "/sys/bus/i2c/devices/i2c-1", ["name": "bcm2835 (i2c@7e804000)\n"])
        tree.add("\(adapter)/1-0076", as: "/sys/bus/i2c/devices/1-0076", ["name": "bme280\n"])
        tree.add("\(adapter)/1-0051", as: "/sys/bus/i2c/devices/1-0051", ["name": "dummy\n"])
        tree.add("\(adapter)/1-0048", as: "/sys/bus/i2c/devices/1-0048", ["name": "lm75\n"])
        tree.add("\(adapter)/1-0076/iio:device0", as: "/sys/bus/iio/devices/iio:device0", ["name": "bme280\n"])
        tree.add("\(adapter)/1-0048/hwmon/hwmon2", as: "/sys/class/hwmon/hwmon2", ["name": "lm75\n"])
        // A thermal zone of the gateway's own processor.
        tree.add("/sys/devices/virtual/thermal/thermal_zone0/hwmon0", as: "/sys/class/hwmon/hwmon0", ["name": "cpu\n"])
        tree.add(
            "/sys/devices/platform/humidity@4/iio:device1",
            as: "/sys/bus/iio/devices/iio:device1",
            ["name": "dht11\n"]
        )
        #expect(
            Self.scan(tree) == [
                "bus:i2c-1-0048": ["i2c.name=lm75", "hwmon.name=lm75"],
                "bus:i2c-1-0076": ["i2c.name=bme280", "iio.name=bme280"],
                "bus:iio-humidity@4": ["iio.name=dht11"],
            ]
        )
    }

    @Test("1-Wire, SPI and what hangs on a serial line of the board")
    func otherBuses() {
        let tree = FakeSysfs()
        let master = "/sys/devices/w1_bus_master1"
        tree.add(master, as: "/sys/bus/w1/devices/w1_bus_master1", ["w1_master_slave_count": "1\n"])
        tree.add("\(master)/28-0000075A1b2c", as: "/sys/bus/w1/devices/28-0000075A1b2c", ["name": "28-0000075A1b2c\n"])
        tree.add("\(master)/28-0000075A1b2c/hwmon/hwmon1", as: "/sys/class/hwmon/hwmon1", ["name": "w1_slave_temp\n"])
        tree.add("/sys/devices/spi0/spi0.0", as: "/sys/bus/spi/devices/spi0.0", ["modalias": "spi:mcp3008\n"])
        tree.add("/sys/devices/uart/serial0", as: "/sys/bus/serial/devices/serial0", [:])
        tree.add(
            "/sys/devices/uart/serial0/serial0-0",
            as: "/sys/bus/serial/devices/serial0-0",
            ["modalias": "of:NbluetoothT(null)Cbrcm,bcm43438-bt\n"]
        )
        #expect(
            Self.scan(tree) == [
                "bus:serial0-0": ["serial.device=of:NbluetoothT(null)Cbrcm,bcm43438-bt"],
                "bus:spi0.0": ["spi.device=spi:mcp3008"],
                "bus:w1-28-0000075A1b2c": ["w1.family=28", "hwmon.name=w1_slave_temp"],
            ]
        )
    }

    @Test("A modem is one device with its network interface and its serial ports; the gateway's own are none")
    func modem() {
        let tree = FakeSysfs()
        tree.addUSB(
            "1-1",
            ["idVendor": "2c7c", "idProduct": "0125", "bDeviceClass": "ef", "product": "EC25"],
            interfaces: [("ff", "00", "00"), ("ff", "ff", "ff")]
        )
        let device = "/sys/devices/pci0000:00/usb1/1-1"
        tree.add(device: "/sys/bus/usb/drivers/option")
        tree.add(device: "/sys/bus/usb/drivers/qmi_wwan")
        tree.link("\(device)/1-1:1.0/driver", to: "../../../../../bus/usb/drivers/option")
        tree.link("\(device)/1-1:1.1/driver", to: "/sys/bus/usb/drivers/qmi_wwan")
        tree.add("\(device)/1-1:1.0/ttyUSB0/tty/ttyUSB0", as: "/sys/class/tty/ttyUSB0", ["dev": "188:0\n"])
        tree.add(
            "\(device)/1-1:1.1/net/wwan0",
            as: "/sys/class/net/wwan0",
            ["uevent": "DEVTYPE=wwan\nINTERFACE=wwan0\nIFINDEX=4\n"]
        )
        tree.add(file: "/dev/ttyUSB0", [])
        tree.link("/dev/serial/by-id/usb-Quectel_EC25-if00-port0", to: "../../ttyUSB0")
        tree.add(
            "/sys/devices/pci0000:00/0000:00:03.0/net/eth0",
            as: "/sys/class/net/eth0",
            ["uevent": "INTERFACE=eth0\n"]
        )
        tree.add("/sys/devices/virtual/net/lo", as: "/sys/class/net/lo", ["uevent": "INTERFACE=lo\n"])
        tree.add("/sys/devices/platform/serial8250/tty/ttyS0", as: "/sys/class/tty/ttyS0", ["dev": "4:64\n"])
        let found = Self.scan(tree)
        #expect(found.keys.sorted() == ["usb:2c7c:0125:@1-1"])
        let signals = found["usb:2c7c:0125:@1-1"] ?? []
        for signal in [
            "usb.driver=option", "usb.driver=qmi_wwan", "net.type=wwan", "serial.id=usb-Quectel_EC25-if00-port0",
        ] {
            #expect(signals.contains(signal), "\(signals)")
        }
    }

    @Test("What a chip inside a USB device is, is a part of that device")
    func tuner() {
        let tree = FakeSysfs()
        tree.addUSB("1-1", ["idVendor": "2304", "idProduct": "0227", "bDeviceClass": "00"])
        let path = "/sys/devices/pci0000:00/usb1/1-1/i2c-7/7-0060"
        tree.add(path, as: "/sys/bus/i2c/devices/7-0060", ["name": "si2157\n"])
        #expect(Self.scan(tree) == ["usb:2304:0227:@1-1": ["usb.id=2304:0227", "i2c.name=si2157"]])
    }

    @Test("Only what brings pictures in is a camera")
    func capabilities() {
        let tree = FakeSysfs()
        for (node, name) in [("video0", "unicam"), ("video10", "bcm2835-codec-decode"), ("video1", "unicam")] {
            tree.add(
                "/sys/devices/platform/\(name)/\(node)",
                as: "/sys/class/video4linux/\(node)",
                ["name": "\(name)\n"]
            )
        }
        // V4L2_CAP_VIDEO_CAPTURE, _META_CAPTURE, _VIDEO_M2M_MPLANE of linux/videodev2.h, each with _STREAMING and, for
        // the whole device, _DEVICE_CAPS.
        tree.capabilities["video0"] = Self.capability(device: 0x8420_0001, node: 0x0420_0001)
        tree.capabilities["video1"] = Self.capability(device: 0x8480_0001, node: 0x0480_0000)
        tree.capabilities["video10"] = Self.capability(device: 0x8400_4000, node: 0x0400_4000)
        #expect(
            Self.scan(tree) == ["bus:video4linux-video0": ["v4l2.name=unicam", "v4l2.capability=capture"]]
        )
        // Old drivers fill `capabilities` alone; a short answer says nothing.
        tree.capabilities["video10"] = Self.capability(device: 0x0400_0001, node: 0)
        tree.capabilities["video1"] = [1, 2, 3]
        #expect(
            Self.scan(tree) == [
                "bus:video4linux-video0": ["v4l2.name=unicam", "v4l2.capability=capture"],
                "bus:video4linux-video1": ["v4l2.name=unicam"],
                "bus:video4linux-video10": ["v4l2.name=bcm2835-codec-decode", "v4l2.capability=capture"],
            ]
        )
    }

    static func capability(device: UInt32, node: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 104)
        for index in 0..<4 {
            bytes[84 + index] = UInt8(truncatingIfNeeded: device >> UInt32(index * 8))
            bytes[88 + index] = UInt8(truncatingIfNeeded: node >> UInt32(index * 8))
        }
        return bytes
    }

    @Test("A headset by its descriptors: interfaces without folders, and its microphone")
    func descriptors() {
        let tree = FakeSysfs()
        tree.addUSB("1-1", ["idVendor": "0d8c", "idProduct": "0014", "bDeviceClass": "00", "authorized": "0\n"])
        // Device, configuration, audio control with its terminals, HID, and the input terminal of a camera, whose number
        // is that of a microphone (USB Video 1.5 §3.7.2.3).
        tree.add(
            file: "/sys/devices/pci0000:00/usb1/1-1/descriptors",
            [0x12, 0x01] + [UInt8](repeating: 0, count: 16) + [0x09, 0x02, 0, 0, 3, 1, 0, 0x80, 50]
                + [0x09, 0x04, 0, 0, 0, 0x01, 0x01, 0x00, 0]
                + [0x0C, 0x24, 0x02, 1, 0x01, 0x02, 0, 1, 0, 0, 0, 0]
                + [0x09, 0x24, 0x03, 2, 0x02, 0x03, 0, 1, 0]
                + [0x09, 0x04, 1, 0, 1, 0x03, 0x00, 0x00, 0] + [0x09, 0x04, 2, 0, 0, 0x0E, 0x01, 0x00, 0]
                + [0x08, 0x24, 0x02, 1, 0x05, 0x02, 0, 0]
        )
        let device = LocalBusScan(tree).devices.first
        #expect(
            device?.signals.dropFirst() == [
                Signal(.usbInterface, "01/01/00"), Signal(.usbInterface, "03/00/00"), Signal(.usbInterface, "0e/01/00"),
                Signal(.usbAudioTerminal, "0201"), Signal(.usbAudioTerminal, "0302"),
            ]
        )
        #expect(device?.functions.byteString == "input")
        #expect(device?.isAuthorised == false)
        #expect(device?.usbPort == "1-1")
    }

    @Test("The applications of a report descriptor: its outermost collections alone")
    func usages() {
        let tree = FakeSysfs()
        tree.addUSB("1-1", ["idVendor": "046d", "idProduct": "c52b", "bDeviceClass": "00"])
        let path = "/sys/devices/pci0000:00/usb1/1-1/1-1:1.0/0003:046D:C52B.0001"
        tree.add(path, as: "/sys/bus/hid/devices/0003:046D:C52B.0001", [:])
        // HID 1.11 appendix E.6 in short: a keyboard; then a mouse with a pointer (physical) within; then a usage that
        // names its page itself; then a long item and the cut-off begin of another.
        tree.add(
            file: "\(path)/report_descriptor",
            [0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0x81, 0x02, 0xC0]
                + [0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x01, 0xA1, 0x00, 0x81, 0x06, 0xC0, 0xC0]
                + [0x0B, 0x01, 0x00, 0xD0, 0xF1, 0xA1, 0x01, 0xC0, 0xFE, 0x02, 0x10, 0x09, 0x06]
                + [0x05, 0x0C, 0x09, 0x01, 0xA1, 0x01, 0xC0, 0x0B, 0x01]
        )
        let signals = LocalBusScan(tree).devices.first?.signals ?? []
        #expect(
            signals.filter { $0.kind == .hidUsage }.map(\.value.text) == [
                "0001/0006", "0001/0002", "f1d0/0001", "000c/0001",
            ]
        )
    }

    @Test("Descriptors cut anywhere, and random bytes in every file, do no harm")
    func junk() {
        for seed in UInt64(0)..<300 {
            var generator = SeededGenerator(seed: seed)
            func junk(_ most: Int) -> [UInt8] {
                (0..<Int.random(in: 0...most, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            }
            let tree = FakeSysfs()
            tree.addUSB("1-1", ["idVendor": "046d", "idProduct": "c52b"], interfaces: [("03", "01", "01")])
            let path = "/sys/devices/pci0000:00/usb1/1-1/1-1:1.0/0003:046D:C52B.0001"
            tree.add(path, as: "/sys/bus/hid/devices/0003:046D:C52B.0001", [:])
            tree.add("\(path)/video0", as: "/sys/class/video4linux/video0", [:])
            tree.add("\(path)/input1", as: "/sys/class/input/input1", [:])
            tree.add("\(path)/net0", as: "/sys/class/net/net0", [:])
            tree.add("/sys/devices/1-0050", as: "/sys/bus/i2c/devices/1-0050", [:])
            for name in ["descriptors", "manufacturer", "product", "serial", "authorized", "bDeviceClass"] {
                tree.add(file: "/sys/devices/pci0000:00/usb1/1-1/\(name)", junk(300))
            }
            for name in ["report_descriptor", "video0/name", "input1/name", "net0/uevent"] {
                tree.add(file: "\(path)/\(name)", junk(300))
            }
            tree.add(file: "/sys/devices/1-0050/name", junk(300))
            tree.capabilities["video0"] = junk(120)
            for device in LocalBusScan(tree).devices {
                #expect(device.signals.count <= SysfsLimits.signals, "seed \(seed)")
                #expect(device.signals.allSatisfy { $0.value.count <= Signal.maximumValueLength })
            }
        }
    }

    @Test("A tree that lies - folders without end, links in a circle, one device by many names - is read within bounds")
    func lies() {
        let tree = FakeSysfs()
        tree.link("/sys/class/net", to: "/sys/class/net")
        tree.link("/sys/bus/hid/devices/loop", to: "/sys/bus/hid/devices/loop")
        tree.addUSB("1-1", ["idVendor": "046d", "idProduct": "c52b"])
        let one = "/sys/devices/pci0000:00/usb1/1-1"
        for index in 0..<3_000 {
            tree.link("/sys/bus/usb/devices/1-1:1.\(index)", to: one)
            tree.link("/sys/bus/i2c/devices/9-\(1000 + index)", to: "/sys/devices/chip")
        }
        tree.add(device: "/sys/devices/chip", ["name": String(repeating: "x", count: 5_000)])
        let scan = LocalBusScan(tree)
        // All names of the chip lead to one folder: one device.
        #expect(scan.devices.map(\.key.description) == ["bus:i2c-9-1000", "usb:046d:c52b:@1-1"])
        #expect(scan.devices[0].signals.map(\.value.count) == [Signal.maximumValueLength])
        #expect(tree.requests < 10 * SysfsLimits.entries)
    }

    @Test(
        "The rules name the common chips",
        .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"),
        arguments: [
            (Signal(.oneWireFamily, "28"), DeviceClass.sensor, "DS18B20"),
            (Signal(.iioName, "bme280"), .sensor, "bme280"),
            (Signal(.spiDevice, "spi:mcp3008"), .sensor, "mcp3008"), (Signal(.i2cName, "24c02"), .unknown, "24c02"),
            (Signal(.usbDriver, "qmi_wwan"), .modem, nil), (Signal(.usbAudioTerminal, "0201"), .microphone, nil),
            (Signal(.usbInterface, "08/06/50"), .storage, nil), (Signal(.usbInterface, "0e/01/00"), .sensor, nil),
        ] as [(Signal, DeviceClass, String?)]
    )
    func rules(signal: Signal, deviceClass: DeviceClass, model: String?) throws {
        let knowledge = try Rules.knowledge()
        var tracker = IdentityTracker()
        tracker.add(signal, knowledge: knowledge)
        #expect(tracker.identity.deviceClass == deviceClass, "\(tracker.identity)")
        #expect(tracker.identity.model?.text == model, "\(tracker.identity)")
    }
}
