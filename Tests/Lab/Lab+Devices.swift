import Foundation

/// What runs on a device, so that a test can look at each program's output.
public struct LabDevice: Sendable {
    /// Where it runs.
    public let host: LabHost
    /// The DHCP client, which stays to renew its lease.
    public let leaseClient: LabProcess
    /// The other programs, by name.
    public let programs: [String: LabProcess]
}

extension Lab {
    /// Gets a lease as a device does, with its host name (option 12) and vendor class (option 60).
    public func lease(_ host: LabHost, hostname: String, vendorClass: String) throws -> LabProcess {
        let client = try host.start([
            "busybox", "udhcpc", "-f", "-i", "eth0", "-t", "10", "-T", "1", "-s", Peer.path("udhcpc-script.sh"),
            "-x", "hostname:\(hostname)", "-V", vendorClass,
        ])
        try client.wait(forOutput: "leased ", withinSeconds: 15)
        return client
    }

    /// Plugs a cable of its own from a device into the gateway, as a dongle is; the gateway's end comes up, without address.
    public func plug(_ host: LabHost, deviceEnd: String, mac: String, gatewayEnd: String) throws {
        try gateway.shell(
            """
            ip link add \(gatewayEnd) netns \(gateway.holder) type veth \
                peer name \(deviceEnd) netns \(host.holder) address \(mac)
            """
        )
    }

    /// A camera: DHCP, WS-Discovery, RTSP and web servers, and a connection to its cloud that it keeps.
    public func startCamera() throws -> LabDevice {
        let client = try lease(camera, hostname: "axis-accc8e010203", vendorClass: "AXIS,Network Camera,M3045-V,9.80.1")
        let discovery = try camera.start(Peer.command("wsdiscovery.py"), label: "wsdiscovery")
        let servers = try camera.start(Peer.command("camera.py"), label: "servers")
        let cloud = try camera.start(
            Peer.command("cloudclient.py", ["cloud.camera.example", "--ca", authorityFile.path]),
            label: "cloudclient"
        )
        try servers.wait(forOutput: "serving")
        return LabDevice(
            host: camera,
            leaseClient: client,
            programs: ["discovery": discovery, "servers": servers, "cloud": cloud]
        )
    }

    /// A temperature sensor: DHCP, mDNS, and readings to its broker by MQTT over TLS.
    public func startSensor() throws -> LabDevice {
        let client = try lease(sensor, hostname: "shellyht-0A0B0C", vendorClass: "udhcp 1.27.2")
        let announcer = try sensor.start(
            Peer.command(
                "mdns.py",
                [
                    "--instance", "shellyht-0A0B0C", "--service", "_http._tcp", "--text", "id=shellyht-0A0B0C",
                    "--text", "fw_id=20230913-112531/v1.14.0-gcb84623", "--text", "arch=esp8266",
                ]
            ),
            label: "mdns"
        )
        // Each reading is a connection of its own, as battery-powered sensors do it.
        let readings = try sensor.start(
            [
                "/bin/sh", "-c",
                """
                while true; do
                    if mosquitto_pub -h mqtt.sensor.example -p 8883 --cafile '\(authorityFile.path)' \
                        -i shellyht-0A0B0C -t shellies/shellyht-0A0B0C/sensor/temperature -m 21.5
                    then echo published; else echo failed; fi
                    sleep 1
                done
                """,
            ],
            label: "readings"
        )
        return LabDevice(host: sensor, leaseClient: client, programs: ["announcer": announcer, "readings": readings])
    }

    /// A device that behaves well until `startScan`.
    public func startInfected() throws -> LabDevice {
        let client = try lease(infected, hostname: "NVR-5216", vendorClass: "dhcpcd-5.5.6")
        return LabDevice(host: infected, leaseClient: client, programs: [:])
    }

    /// Begins to look for other victims; `packets` 0 goes on until the process is stopped.
    public func startScan(packets: Int = 0, perSecond: Int = 200, seed: Int = 1) throws -> LabProcess {
        try infected.start(
            Peer.command(
                "scan.py",
                [
                    LabAddress.infected, "--packets", String(packets), "--per-second", String(perSecond),
                    "--seed", String(seed),
                ]
            ),
            label: "scan"
        )
    }

    /// A video recorder, which has a lease and nothing else running.
    public func startRecorder() throws -> LabDevice {
        let client = try lease(recorder, hostname: "DiskStation", vendorClass: "udhcp 1.19.4")
        return LabDevice(host: recorder, leaseClient: client, programs: [:])
    }

    /// Lets the recorder look for cameras, ask the camera for its stream, and open its page.
    @discardableResult
    public func lookForCameras() throws -> String {
        let found = try recorder.run(Peer.command("wsprobe.py", [LabAddress.recorder]))
        let stream = try recorder.run([
            "curl", "-sS", "-i", "--max-time", "5", "-X", "OPTIONS", "--request-target", "*",
            "rtsp://\(LabAddress.camera)/axis-media/media.amp",
        ])
        let page = try recorder.run(["curl", "-sS", "-i", "--max-time", "5", "http://\(LabAddress.camera)/"])
        return found + stream + page
    }
}
