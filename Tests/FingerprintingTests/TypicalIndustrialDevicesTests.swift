import Fingerprinting
import NetworkTypes
import Testing

/// The same for controllers, meters and buildings, and for what is managed by SNMP.
@Suite("Typical industrial devices", .enabled(if: Rules.hasRegisters, "needs Debian's ieee-data and usb.ids"))
struct TypicalIndustrialDevicesTests {
    typealias Device = TypicalDevicesTests.Device

    static func device(
        _ name: String,
        _ kind: SignalKind,
        _ values: [ByteString],
        _ deviceClass: DeviceClass,
        _ vendor: String? = nil,
        _ model: String? = nil
    ) -> Device {
        Device(
            name: name,
            signals: values.map { Signal(kind, $0) },
            deviceClass: deviceClass,
            vendor: vendor,
            model: model
        )
    }

    static let devices = [
        device(
            "ControlLogix",
            .etherNetIPIdentity,
            ["vendorID=1", "type=14", "product=1/14/54", "firmware=20.13", "model=1756-L61/B LOGIX5561"],
            .plc,
            "Rockwell",
            "1756-L61/B LOGIX5561"
        ),
        device(
            "drive: no class for it",
            .etherNetIPIdentity,
            ["vendorID=97", "type=2", "product=97/2/3", "model=FC-302"],
            .unknown,
            "Danfoss",
            "FC-302"
        ),
        device("photoelectric sensor of an unknown maker", .etherNetIPIdentity, ["vendorID=60001", "type=6"], .sensor),
        device(
            "air handling unit",
            .bacnetDevice,
            ["vendorID=8", "name=AHU-1", "model=DSC-1616E", "firmware=V3.40"],
            .buildingController,
            "Delta Controls",
            "DSC-1616E"
        ),
        device(
            "meter that speaks BACnet",
            .bacnetDevice,
            ["vendorID=316", "model=UMG 604"],
            .energyMeter,
            "Janitza",
            "UMG 604"
        ),
        device("router to BACnet devices: they are not it", .bacnetDevice, ["type=router"], .buildingController),
        device("open-source BACnet stack: no class for it", .bacnetDevice, ["vendorID=260"], .unknown),
        device("drive that speaks BACnet", .bacnetDevice, ["vendorID=127"], .unknown, "ABB"),
        device("building automation", .bacnetDevice, ["vendorID=36"], .buildingController, "Tridium"),
        device(
            "M340",
            .modbusIdentification,
            ["vendor=Schneider Electric", "product=BMX P34 2020", "firmware=v2.6"],
            .plc,
            "Schneider",
            "BMX P34 2020"
        ),
        device(
            "power meter",
            .modbusIdentification,
            ["vendor=Schneider Electric", "product=METSEPM5560", "firmware=02.03.00"],
            .energyMeter,
            "Schneider",
            "METSEPM5560"
        ),
        device(
            "something with Modbus",
            .modbusIdentification,
            ["vendor=Nobody Knows Ltd", "product=INV-5K"],
            .unknown,
            nil,
            "INV-5K"
        ),
        device(
            "S7-1200 of which only the order number is known",
            .s7Module,
            ["product=6ES7 214-1AG40-0XB0", "firmware=4.4.0"],
            .plc,
            "Siemens",
            "S7-1200 6ES7 214-1AG40-0XB0"
        ),
        device(
            "S7-300",
            .s7Module,
            ["product=6ES7 315-2EH14-0AB0", "model=CPU 315-2 PN/DP", "name=Line 3"],
            .plc,
            "Siemens",
            "CPU 315-2 PN/DP"
        ),
        device(
            "PROFINET drive",
            .profinetDevice,
            ["model=SINAMICS-G120", "name=pump", "vendorID=42", "product=42/1287", "type=device"],
            .unknown,
            "Siemens",
            "SINAMICS-G120"
        ),
        device(
            "PROFINET controller",
            .profinetDevice,
            ["model=S7-1500", "vendorID=42", "type=controller"],
            .plc,
            "Siemens",
            "S7-1500"
        ),
        device(
            "KNX router",
            .knxDevice,
            ["type=server", "vendorID=166", "name=cellar"],
            .buildingController,
            "Enertex"
        ),
        device("CJ2M", .finsController, ["model=CJ2M-CPU32", "firmware=02.01"], .plc, "Omron", "CJ2M-CPU32"),
        device("iQ-R", .melsecController, ["model=R04CPU"], .plc, "Mitsubishi Electric", "R04CPU"),
        device(
            "temperature transmitter",
            .hartDevice,
            ["vendorID=17", "product=17/4560", "firmware=2"],
            .sensor,
            "Endress+Hauser",
            "iTEMP TMT72"
        ),
        device("embedded computer with TwinCAT", .adsDevice, ["name=CX-1A2B3C", "version=3.1.4024"], .plc, "Beckhoff"),
        device(
            "lamp with OCF",
            .coapResource,
            ["type=server", "link=/oic/res", "type=oic.wk.d oic.d.light"],
            .lighting
        ),
        device("any CoAP server", .coapResource, ["type=server", "link=/temp", "type=temperature"], .unknown),
        device("relay that reports by CoIoT", .coapResource, ["model=SHSW-25"], .smartPlug, "Shelly"),
        device(
            "printer's management",
            .snmpDescription,
            ["HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JDI23840044"],
            .printer,
            "HP"
        ),
        device(
            "Lexmark",
            .snmpDescription,
            ["Lexmark MS610dn version MIH20001 kernel 3.0.0 All-N-1"],
            .printer,
            "Lexmark",
            "MS610dn"
        ),
        device(
            "camera's management",
            .snmpDescription,
            [" ; AXIS M3045-V; Network Camera; 9.80.1; Mar 27 2020 12:00; 726; 1;"],
            .ipCamera,
            "Axis",
            "M3045-V"
        ),
        device("net-snmp: not a maker", .snmpObjectID, ["1.3.6.1.4.1.8072.3.2.10"], .unknown),
        device("Moxa's gateway", .snmpObjectID, ["1.3.6.1.4.1.8691.2.7"], .unknown, "Moxa"),
    ]

    @Test("Named as they should be", arguments: devices.indices)
    func identity(_ index: Int) throws {
        let device = TypicalIndustrialDevicesTests.devices[index]
        let knowledge = try Rules.knowledge()
        var tracker = IdentityTracker()
        for signal in device.signals { tracker.add(signal, knowledge: knowledge) }
        let identity = tracker.identity
        #expect(identity.deviceClass == device.deviceClass, "\(device.name): \(identity)")
        #expect(identity.vendor?.text == device.vendor, "\(device.name): \(identity)")
        #expect(identity.model?.text == device.model, "\(device.name): \(identity)")
    }

    @Test("What SNMP says of the system is looked up with what LLDP says of it")
    func systemDescription() throws {
        let text: ByteString =
            "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(2)E6, RELEASE SOFTWARE (fc1)"
        let knowledge = try Rules.knowledge()
        let bySNMP = knowledge.lookup(Signal(.snmpDescription, text))
        #expect(!bySNMP.isEmpty && bySNMP.count == knowledge.lookup(Signal(.lldpSystemDescription, text)).count)
        #expect(bySNMP.contains { $0.vendor == "Cisco" })
        var tracker = IdentityTracker()
        tracker.add(Signal(.snmpName, "core-1.example.org"), knowledge: knowledge)
        #expect(tracker.identity.hostname == "core-1")
    }
}
