import Foundation
import Lab
import TestSupport
import Testing

/// The lab proved by itself: without Gatehouse, everything works and everything leaks.
@Suite(.serialized, .ownThread, .enabled(if: Lab.isPossible, "needs namespaces and the lab's packages"))
struct LabTests {
    @Test func devicesWorkAndReachTheInternet() throws {
        let lab = try Lab.start()
        defer { lab.close() }
        let frameFile = lab.directory.path + "/lan.pcap"
        let capture = try lab.gateway.start(Peer.command("capture.py", ["lan0", frameFile]))
        try capture.wait(forOutput: "listening")
        let camera = try lab.startCamera()
        let sensor = try lab.startSensor()
        _ = try lab.startInfected()
        _ = try lab.startRecorder()

        try camera.programs["cloud"]?.wait(forOutput: "\"beat\"")
        try sensor.programs["readings"]?.wait(forOutput: "published")
        #expect(try lab.camera.run(["hostname"]) == "camera\n")

        let seen = try lab.lookForCameras()
        #expect(seen.contains("onvif://www.onvif.org/hardware/M3045-V"))
        #expect(seen.contains("RTSP/1.0 200 OK"))
        #expect(seen.contains("<title>AXIS M3045-V Network Camera</title>"))

        // IPv6 by router advertisement: the device gets an address and a route.
        try Lab.wait(within: 15, for: "IPv6 on the camera") {
            try lab.camera.attempt(["ping", "-6", "-c1", "-W1", "2001:db8:2::80"]).status == 0
        }
        // Without enforcement any device reaches anything.
        let tracker = try lab.camera.run(
            Peer.command("cloudclient.py", ["tracker.example", "--ca", lab.authorityFile.path, "--once"])
        )
        #expect(tracker.contains("\"beat\""))

        let scan = try lab.startScan(packets: 50)
        #expect(try scan.wait() == 0)
        try capture.stop()
        // Where root cannot become tcpdump's own user, it is to be no root: then it does not try.
        let unprivileged = getuid() == 0 && !ChangeOfUser.isPermitted ? ["unshare", "--user"] : []
        let frames = try outside(unprivileged + ["tcpdump", "-n", "-r", frameFile])
        #expect(frames.contains(" > 239.255.255.250.3702: "))
        #expect(frames.contains(" > 224.0.0.251.5353: "))
        #expect(frames.contains("BOOTP/DHCP"))
        #expect(
            frames.split(separator: "\n").filter { $0.contains("192.168.50.103.") && $0.contains(".2323: ") }.count == 5
        )
    }

    @Test func theWorldEndsWithItsOwner() throws {
        let lab = try Lab.start()
        let path = lab.directory.path
        let marker = try lab.camera.start(["sleep", "1000"])
        #expect(marker.isRunning)
        lab.close()
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(throws: LabError.self) { try lab.camera.run(["true"]) }
    }

    @Test func aRelayLeadsIn() throws {
        let lab = try Lab.start()
        defer { lab.close() }
        let server = try lab.central.start(
            ["/usr/bin/python3", "-u", "-m", "http.server", "8080", "--bind", "127.0.0.1"])
        try Lab.wait(within: 5, for: "the web server") { try lab.central.run(["ss", "-Hltn"]).contains(":8080") }
        let relay = try LabRelay(from: 0, to: lab.central, address: "127.0.0.1", targetPort: 8080)
        defer { relay.close() }
        let page = try outside(["curl", "-sS", "--max-time", "5", "http://127.0.0.1:\(relay.port)/"])
        #expect(!page.isEmpty)
        #expect(server.isRunning)
    }

    @Test func errorsSayWhere() throws {
        let lab = try Lab.start()
        defer { lab.close() }
        #expect(throws: LabError.self) { try lab.camera.run(["no-such-program"]) }
        #expect(throws: LabError.self) { try lab.camera.run(["sleep", "10"], withinSeconds: 0.1) }
        #expect(try lab.camera.attempt(["false"]).status == 1)
        let process = try lab.camera.start(["sleep", "100"])
        try process.send(signal: SIGKILL)
        #expect(try process.wait() == -SIGKILL)
    }
}

/// What a program on this computer, outside of the lab, prints.
private func outside(_ command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}
