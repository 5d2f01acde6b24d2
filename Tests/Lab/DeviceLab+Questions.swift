extension DeviceLab {
    /// Lets the workstation ask every device by the client that people use, and the plug report its state. Each answer is
    /// looked at: a device that did not answer could not be named either.
    public func askDevices() throws {
        let system = "1.3.6.1.2.1.1"
        try ask(
            [
                "snmpget", "-v2c", "-cpublic", RealDevice.router.address, "\(system).1.0", "\(system).2.0",
                "\(system).5.0",
            ],
            "RouterOS RB750Gr3"
        )
        try ask(["snmpwalk", "-v1", "-cpublic", RealDevice.linuxHost.address, system], "Linux ")
        try ask(Peer.packagesCommand("modbus.py", ["ask", RealDevice.controller.address]), "BMX P34 2020")
        try ask(
            Peer.packagesCommand(
                "bacnet.py",
                ["ask", "\(RealDevice.workstation.address)/24", RealDevice.buildingController.address]
            ),
            "MS-NAE4510-2"
        )
        try ask(Peer.packagesCommand("coap.py", ["ask", RealDevice.light.address]), "oic.d.light")
        try ask(Peer.packagesCommand("onvif.py", ["ask"]), "hardware/DS-2CD2042WD-I")
        try ask(
            ["curl", "-sS", "--max-time", "5", "http://\(RealDevice.mediaServer.address):8200/rootDesc.xml"],
            "MediaServer:1"
        )
        // As the plug's own firmware does it, in the clear; the subscriber is a client of the same kind.
        let subscriber = try self[.workstation].start([
            "mosquitto_sub", "-h", LabAddress.gateway, "-i", "dashboard", "-t", "shellies/#", "-C", "1", "-W", "15",
        ])
        try Lab.wait(within: 20, for: "the plug's report; its subscriber: \(subscriber.output)") {
            try self[.plug].run([
                "mosquitto_pub", "-h", LabAddress.gateway, "-i", "shellyplug-s-0A0B0C",
                "-t", "shellies/shellyplug-s-0A0B0C/relay/0", "-m", "on",
            ])
            return subscriber.output.contains("on")
        }
    }

    private func ask(_ command: [String], _ expected: String) throws {
        let answer = try self[.workstation].attempt(command, environment: ["MIBS": ""], withinSeconds: 40)
        guard answer.status == 0, answer.output.contains(expected) else {
            throw LabError("\(command): status \(answer.status), no \"\(expected)\" in: \(answer.output)")
        }
    }
}
