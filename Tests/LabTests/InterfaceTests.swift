import Foundation
import Lab
import TestSupport
import Testing

/// Interfaces of devices that come, go, and change their names under the running agent: a dongle, a bridge that is made anew.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasAgent, "needs a lab, and the programs beside the tests")
)
struct InterfaceTests {
    private let guarded: GuardedLab
    private var lab: Lab { guarded.lab }
    private var agent: LabAgent { guarded.agent }

    init() throws { guarded = try GuardedLab(devices: ["lan0", "usb0"]) }

    /// Plugs the recorder into a dongle; its rounds through the dongle lead to the internet.
    private func plug(_ mac: String) throws {
        try lab.plug(lab.recorder, deviceEnd: "eth1", mac: mac, gatewayEnd: "usb0")
        // The device is ready first: it knocks from the very moment in which the gateway's end is up.
        try lab.recorder.shell(
            """
            ip address add 192.168.60.2/24 dev eth1
            ip link set eth1 up
            ip route replace default via 192.168.60.1
            """
        )
        try lab.gateway.shell("ip address add 192.168.60.1/24 dev usb0; ip link set usb0 up")
    }

    private func waitForStatus(_ words: String) throws {
        try Lab.wait(within: 20, for: "\"\(words)\"; \(agent.log.suffix(2000))") {
            try lab.gateway.attempt(agent.command("status")).output.contains(words)
        }
    }

    private func waitForDevice(_ mac: String) throws {
        try Lab.wait(within: 30, for: "\(mac) to be seen; \(agent.log.suffix(2000))") {
            try lab.gateway.attempt(agent.command("status")).output.contains("mac:\(mac)")
        }
    }

    /// The recorder is seen a moment before the kernel has what it may.
    private func waitForPermission() throws {
        try Lab.wait(within: 20, for: "the device to be held; \(agent.log.suffix(2000))") {
            try guarded.reaches(LabAddress.broker, 8883, from: lab.recorder)
        }
    }

    /// A new device announces itself behind lan0: that it is seen says that frames are.
    private func waitForNewcomer(_ number: Int) throws {
        let script = """
            import socket, struct
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            raw.bind(('eth0', 0))
            mac, ip = bytes([2, 0, 0, 0, 1, \(number)]), bytes([192, 168, 50, \(200 + number)])
            arp = struct.pack('!HHBBH', 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + ip
            raw.send(b'\\xff' * 6 + mac + struct.pack('!H', 0x0806) + arp + bytes(18))
            """
        let mac = "02:00:00:00:01:0\(number)"
        try Lab.wait(within: 30, for: "\(mac) to be seen; \(agent.log.suffix(2000))") {
            try lab.sensor.run(["/usr/bin/python3", "-c", script])
            return try lab.gateway.attempt(agent.command("status")).output.contains("mac:\(mac)")
        }
    }

    private func isProved() throws -> Bool { try lab.gateway.attempt(agent.command("verify")).status == 0 }

    @Test func aDongleIsAwaitedAndHeldWheneverItComesAndUnderEveryName() throws {
        defer { lab.close() }
        try lab.internet.shell("ip route add 192.168.60.0/24 via 198.51.100.2")
        try guarded.start()
        // It is not there, and the other interface is held all the same.
        try waitForStatus("interface   the interface usb0 is not there")
        try guarded.admitCamera()
        #expect(try guarded.reaches(LabAddress.broker, 8883) && (try !guarded.reaches(LabAddress.tracker)))
        #expect(try guarded.wakeUps() < 2000)

        // From the first moment nothing passes that the policy does not allow.
        let knocking = try guarded.knock(from: lab.recorder, at: [LabAddress.tracker])
        try plug("00:11:32:01:02:04")
        try waitForDevice("00:11:32:01:02:04")
        try waitForPermission()
        #expect(try !lab.gateway.run(agent.command("status")).contains("interface   "))

        // Pulled, and another one put in.
        try lab.gateway.run(["ip", "link", "del", "usb0"])
        try waitForStatus("interface   the interface usb0 is not there")
        #expect(try guarded.wakeUps() < 2000, "the agent spins")
        #expect(try agent.counter("interfaces.missing") == 1)
        try plug("00:11:32:01:02:05")
        try waitForDevice("00:11:32:01:02:05")
        try waitForPermission()
        try guarded.wait(rounds: 10, of: knocking)
        #expect(!knocking.output.contains("through"), "\(knocking.output)")

        // Another name: first what the rules know is put right, then the interface comes up.
        try lab.gateway.shell("ip link set usb0 down; ip link set usb0 name usb9")
        try waitForStatus("the interface usb0, called usb9 now, is down")
        #expect(try guarded.wakeUps() < 2000, "the agent spins")
        #expect(try guarded.kernel("set", "inet", "gatehouse", "interfaces").contains("\"usb9\""))
        try lab.gateway.shell("ip link set usb9 up")
        try waitForStatus("the interface usb0 is called usb9 now")
        try guarded.wait(rounds: 10, of: knocking)
        #expect(try guarded.reaches(LabAddress.broker, 8883, from: lab.recorder))
        #expect(try isProved())
        #expect(!knocking.output.contains("through"), "\(knocking.output)")
        #expect(!knocking.output.contains("through"), "\(knocking.output)")
        // Linux 6.2 and later let one that is up be renamed too: what passes before the agent has heard of it is printed.
        if try lab.gateway.attempt(["ip", "link", "set", "usb9", "name", "usb8"]).status == 0 {
            try Lab.wait(within: 20, for: "the next name; \(agent.log.suffix(2000))") {
                try guarded.kernel("set", "inet", "gatehouse", "interfaces").contains("\"usb8\"")
            }
            try guarded.wait(rounds: 1, of: knocking)
            func through() -> Int { knocking.output.components(separatedBy: "through").count - 1 }
            let during = through()
            print("connections that came about while an interface that was up got another name: \(during)")
            try guarded.wait(rounds: 10, of: knocking)
            #expect(through() == during)
            try lab.gateway.shell("ip link set usb8 down; ip link set usb8 name usb9")
        }
        try lab.gateway.shell("ip link set usb9 down; ip link set usb9 name usb0; ip link set usb0 up")
        let before = knocking.output.components(separatedBy: "through").count
        try Lab.wait(within: 20, for: "the old name alone; \(agent.log.suffix(2000))") {
            try !guarded.kernel("set", "inet", "gatehouse", "interfaces").contains("usb9")
        }
        try guarded.wait(rounds: 10, of: knocking)
        #expect(knocking.output.components(separatedBy: "through").count == before, "\(knocking.output)")
        #expect(agent.process?.isRunning == true)
    }

    @Test func aBridgeThatGoesDownOrIsMadeAnewIsCapturedAnew() throws {
        defer { lab.close() }
        // The bridge comes after the agent, as at a boot.
        try lab.gateway.shell("ip link set lan0 down; ip link set lan0 name later")
        try guarded.start()
        try waitForStatus("interface   the interface lan0 is not there")
        try lab.gateway.shell(
            "ip link set later name lan0; ip link set lan0 up; ip route replace 192.168.50.0/24 dev lan0"
        )
        try waitForNewcomer(1)
        try guarded.admitCamera()
        // What passes between its ports is held too.
        #expect(try guarded.kernel("tables").contains("table bridge gatehouse"))
        let knocking = try guarded.knock(from: lab.camera)
        try guarded.wait(rounds: 10, of: knocking)

        try lab.gateway.run(["ip", "link", "set", "lan0", "down"])
        try waitForStatus("interface   the interface lan0 is down")
        #expect(try guarded.wakeUps() < 2000, "the agent spins")
        try lab.gateway.run(["ip", "link", "set", "lan0", "up"])
        try waitForNewcomer(2)

        try lab.gateway.shell(
            """
            ip link del lan0
            ip link add lan0 type bridge mcast_snooping 0
            ip address add \(LabAddress.gateway)/24 dev lan0
            ip address add 2001:db8:50::1/64 dev lan0 nodad
            ip link set lan0 up
            for port in camera sensor infected recorder; do ip link set ${port}0 master lan0 up; done
            """
        )
        try waitForNewcomer(3)
        try Lab.wait(within: 20, for: "the broker") { try guarded.reaches(LabAddress.broker, 8883) }
        try guarded.wait(rounds: 20, of: knocking)
        #expect(!knocking.output.contains("through"), "\(knocking.output)")
        #expect(try isProved())
        #expect(try guarded.wakeUps() < 2000, "the agent spins")
        #expect(try !lab.gateway.run(agent.command("status")).contains("the interface lan0"))
    }
}
