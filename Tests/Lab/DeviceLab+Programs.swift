import Foundation

extension DeviceLab {
    /// What the printer's maker puts into its service, which avahi announces.
    private static let printerService = """
        <?xml version="1.0" standalone='no'?>
        <!DOCTYPE service-group SYSTEM "avahi-service.dtd">
        <service-group>
          <name>HP LaserJet Pro M404dn (4A5B6C)</name>
          <service>
            <type>_ipp._tcp</type>
            <port>631</port>
            <txt-record>txtvers=1</txt-record>
            <txt-record>rp=ipp/print</txt-record>
            <txt-record>ty=HP LaserJet Pro M404dn</txt-record>
            <txt-record>usb_MFG=HP</txt-record>
            <txt-record>usb_MDL=LaserJet Pro M404dn</txt-record>
          </service>
        </service-group>

        """

    /// Brings all devices up: first their leases, then what they serve. Returns when everything answers.
    public func startDevices() throws {
        for device in RealDevice.allCases {
            switch device {
            case .printer, .linuxHost, .workstation: try startDHCPCD(device)
            case .quietCamera: try startUDHCPC(device, vendorClass: "AXIS,Network Camera,M3045-V,9.80.1")
            default: try startUDHCPC(device)
            }
        }
        try startAvahi()
        let servers = [
            try self[.camera].start(
                Peer.packagesCommand(
                    "onvif.py",
                    ["serve", RealDevice.camera.address, "HIKVISION DS-2CD2042WD-I", "DS-2CD2042WD-I"]
                )
            ),
            try self[.controller].start(
                Peer.packagesCommand("modbus.py", ["serve", "Schneider Electric", "BMX P34 2020", "v2.6"])
            ),
            try self[.buildingController].start(
                Peer.packagesCommand(
                    "bacnet.py",
                    [
                        "serve", "\(RealDevice.buildingController.address)/24", "5", "Johnson Controls, Inc.",
                        "MS-NAE4510-2", "5.1.0.4400",
                    ]
                )
            ),
            try self[.light].start(
                Peer.packagesCommand("coap.py", ["serve", RealDevice.light.address, "/oic/d", "oic.d.light"])
            ),
        ]
        try startMediaServer()
        try startSNMP(
            .router,
            "sysDescr RouterOS RB750Gr3\nsysObjectID .1.3.6.1.4.1.14988.1\nsysName \(RealDevice.router.hostname)\n"
        )
        try startSNMP(.linuxHost, "")
        for server in servers { try server.wait(forOutput: "serving", withinSeconds: 40) }
        try Lab.wait(within: 20, for: "the servers' ports") {
            try self[.controller].run(["ss", "-Hltn"]).contains(":502")
                && self[.buildingController].run(["ss", "-Hlun"]).contains(":47808")
        }
    }

    private func startUDHCPC(_ device: RealDevice, vendorClass: String? = nil) throws {
        let client = try self[device].start(
            [
                "busybox", "udhcpc", "-f", "-i", "eth0", "-t", "10", "-T", "1", "-s", Peer.path("udhcpc-script.sh"),
                "-x", "hostname:\(device.hostname)",
            ] + (vendorClass.map { ["-V", $0] } ?? [])
        )
        try client.wait(forOutput: "leased ", withinSeconds: 20)
    }

    /// Its leases go to a folder of the lab: where it keeps them usually belongs to this computer.
    private func startDHCPCD(_ device: RealDevice) throws {
        let leases = path("\(device.name).leases")
        try FileManager.default.createDirectory(atPath: leases, withIntermediateDirectories: false)
        let configuration = try write(
            "option routers\nnoipv6rs\nnoipv4ll\nnoarp\nscript /bin/true\n",
            to: "\(device.name).dhcpcd"
        )
        let host = self[device]
        try host.shell("mount --bind '\(leases)' /var/lib/dhcpcd")
        let client = try host.start(["dhcpcd", "-B", "-f", configuration, "-h", device.hostname, "eth0"])
        try Lab.wait(within: 20, for: "\(device.name)'s lease; the client's output: \(client.output)") {
            try host.run(["ip", "-4", "address", "show", "dev", "eth0"]).contains(device.address)
        }
    }

    /// Without D-Bus, which would be this computer's; the configuration lies where it looks for it, in this host only.
    private func startAvahi() throws {
        let folder = path("avahi")
        try FileManager.default.createDirectory(atPath: folder + "/services", withIntermediateDirectories: true)
        try write(
            """
            [server]
            host-name=\(RealDevice.printer.hostname)
            use-ipv6=no
            enable-dbus=no
            allow-interfaces=eth0
            [publish]
            publish-workstation=no

            """,
            to: "avahi/avahi-daemon.conf"
        )
        try write(DeviceLab.printerService, to: "avahi/services/printer.service")
        try self[.printer].shell("mount --bind '\(folder)' /etc/avahi; mkdir -p /run/avahi-daemon")
        let daemon = try self[.printer].start(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits"])
        try daemon.wait(forOutput: "successfully established", withinSeconds: 20)
    }

    private func startMediaServer() throws {
        for folder in ["media", "media-index"] {
            try FileManager.default.createDirectory(atPath: path(folder), withIntermediateDirectories: false)
        }
        let configuration = try write(
            """
            port=8200
            network_interface=eth0
            media_dir=\(path("media"))
            db_dir=\(path("media-index"))
            log_dir=\(directory.path)
            friendly_name=Media
            notify_interval=10
            user=root

            """,
            to: "minidlna.conf"
        )
        let host = self[.mediaServer]
        let daemon = try host.start(["minidlnad", "-S", "-f", configuration, "-P", path("minidlna.pid")])
        try Lab.wait(within: 20, for: "the media server; its output: \(daemon.output)") {
            try host.run(["ss", "-Hltn"]).contains(":8200")
        }
    }

    private func startSNMP(_ device: RealDevice, _ more: String) throws {
        let configuration = try write("agentaddress udp:161\nrocommunity public\n\(more)", to: "\(device.name).snmpd")
        // Its persistent file, and nothing of this computer's configuration.
        let agent = try self[device].start(
            ["snmpd", "-f", "-Lo", "-C", "-c", configuration, "-I", "-smux"],
            environment: ["SNMP_PERSISTENT_DIR": path("\(device.name).snmp"), "MIBS": ""]
        )
        try agent.wait(forOutput: "NET-SNMP version", withinSeconds: 20)
    }
}
