import Fingerprinting
import NetworkTypes
import TestSupport
import Testing
import WireProtocol

@testable import AgentCore

@Suite("Addresses that two devices claim")
struct AddressClaimTests {
    private static let camera = MACAddress(rawValue: 0xACCC_8E01_0203)
    private static let other = MACAddress(rawValue: 0x3CEF_8C01_0203)
    private let address: IPAddress
    private var agent: Agent

    init() throws {
        address = try #require(IPAddress("192.168.50.10"))
        agent = Agent(settings: AgentSettings(), knowledge: try ProbeTrial.knowledgeBase())
        agent.probeLinks = [
            ProbeLink(interface: "br0", networks: [], ownAddresses: [try #require(IPAddress("192.168.50.1"))])
        ]
    }

    private func time(_ seconds: UInt64) -> AgentTime {
        AgentTime(wallMilliseconds: seconds * 1000, monotonicMilliseconds: seconds * 1000)
    }

    private static func see(
        _ agent: inout Agent,
        _ device: MACAddress,
        _ address: IPAddress,
        at now: AgentTime,
        interface: ByteString = "br0"
    ) -> [AgentAction] {
        agent.take(Sighting(device: device, address: address, signals: []), interface: interface, now: now)
    }

    private static func conflicts(_ actions: [AgentAction]) -> [IncidentReport] {
        actions.compactMap { action in
            if case .report(.critical, .incident(let incident)) = action, incident.kind == "address-conflict" {
                return incident
            }
            return nil
        }
    }

    /// What each device is let send from after the actions.
    private static func bound(_ actions: [AgentAction]) -> [(MACAddress, [IPAddress])] {
        actions.compactMap { action in
            if case .hold(let device) = action { return (device.macAddress, device.addresses) }
            return nil
        }
    }

    @Test("who was first is asked, keeps it where it answers, and the other is told of once in ten minutes")
    func staysWithItsHolder() throws {
        var agent = agent
        _ = Self.see(&agent, Self.camera, address, at: time(1))
        let claim = Self.see(&agent, Self.other, address, at: time(2))
        #expect(claim.contains(.ask(address, of: Self.camera, interface: "br0")))
        #expect(Self.bound(claim).allSatisfy { $0.0 == Self.other && $0.1.isEmpty })
        #expect(agent.owners[address] == Self.camera && agent.isContested(address))
        // Asked once; a third device does not change what is being asked.
        #expect(
            !Self.see(&agent, Self.other, address, at: time(3)).contains { if case .ask = $0 { true } else { false } }
        )
        #expect(agent.tick(now: time(5)).allSatisfy { if case .hold = $0 { false } else { true } })
        let answer = Self.see(&agent, Self.camera, address, at: time(5))
        let incident = try #require(Self.conflicts(answer).first)
        #expect(incident.device == DeviceKey(Self.other).byteString)
        #expect(
            incident.summary
                == "claims 192.168.50.10, which ac:cc:8e:01:02:03 has: it is not let use it"
        )
        #expect(!agent.isContested(address))
        _ = agent.tick(now: time(100))
        #expect(agent.owners[address] == Self.camera)

        func again(_ seconds: UInt64) -> [UInt64] {
            _ = Self.see(&agent, Self.other, address, at: time(seconds))
            return Self.conflicts(Self.see(&agent, Self.camera, address, at: time(seconds + 1))).map(\.count)
        }
        #expect(again(200) == [])
        #expect(again(700) == [2], "with the one that was not told")
        #expect(agent.claimCounters.refused == 3 && agent.claimCounters.granted == 0)
    }

    @Test("it goes to the other where the holder does not answer in time, and back in the same way")
    func changesHands() throws {
        var agent = agent
        _ = Self.see(&agent, Self.camera, address, at: time(1))
        _ = Self.see(&agent, Self.other, address, at: time(2))
        #expect(Self.bound(agent.tick(now: time(5))).isEmpty)
        let moved = agent.tick(now: time(6))
        let bound = Self.bound(moved)
        #expect(bound.map(\.0) == [Self.camera, Self.other], "taken from the one before it is given to the other")
        #expect(bound.map(\.1) == [[], [address]])
        #expect(Self.conflicts(moved).isEmpty)
        #expect(agent.owners[address] == Self.other)
        // The first one is back: now it is the one that claims.
        #expect(
            Self.see(&agent, Self.camera, address, at: time(7)).contains(
                .ask(address, of: Self.other, interface: "br0")
            )
        )
    }

    @Test("the gateway's own address is nobody's, and link-local ones are each link's own")
    func ownAndLinkLocal() throws {
        var agent = agent
        let own = try #require(IPAddress("192.168.50.1"))
        let actions = Self.see(&agent, Self.other, own, at: time(1))
        #expect(Self.conflicts(actions).first?.summary.firstIndex(of: "the gateway's own address") != nil)
        #expect(agent.owners[own] == nil)
        #expect(agent.registry[DeviceKey(Self.other)]?.addresses.isEmpty == true)

        let router = try #require(IPAddress("fe80::1"))
        _ = Self.see(&agent, Self.camera, router, at: time(1))
        let third = MACAddress(rawValue: 0x0011_2233_4455)
        let elsewhere = Self.see(&agent, third, router, at: time(2), interface: "br1")
        #expect(!elsewhere.contains { if case .ask = $0 { true } else { false } })
        #expect(agent.registry[DeviceKey(third)]?.sortedAddresses == [router])
    }

    @Test("claims beyond the limit are not granted; what a device lost to newer addresses is free")
    func limits() throws {
        var agent = agent
        func numbered(_ number: Int) -> IPAddress { IPAddress(v4: 0x0A00_0000 + UInt32(number)) }
        for number in 0..<200 { _ = Self.see(&agent, Self.camera, numbered(number), at: time(UInt64(number))) }
        var asked = 0
        for number in 0..<200 {
            let actions = Self.see(&agent, Self.other, numbered(number), at: time(300))
            if actions.contains(where: { if case .ask = $0 { true } else { false } }) { asked += 1 }
        }
        // The camera has the last 64; of the other the last 64 of those that were free.
        #expect(asked == 64)
        #expect(agent.owners[numbered(199)] == Self.camera)
        #expect(agent.owners[numbered(135)] == Self.other && agent.owners[numbered(0)] == nil)
        var third = 0
        for number in 136..<200 {
            third += Self.see(&agent, MACAddress(rawValue: 0x0200_0000_0001), numbered(number), at: time(301)).count {
                if case .ask = $0 { true } else { false }
            }
        }
        #expect(third == 0)
        // Whoever claimed is gone before it is settled.
        #expect(agent.settle(numbered(1), isHolders: false, now: time(302)).isEmpty)
    }

    @Test("a holder that lost the address meanwhile does not take it from who has it now")
    func thirdDevice() throws {
        var agent = agent
        let third = MACAddress(rawValue: 0x0011_2233_4455)
        _ = Self.see(&agent, Self.camera, address, at: time(1))
        _ = Self.see(&agent, Self.other, address, at: time(2))
        // The camera has so many newer ones that it is pushed out, and the third device comes.
        for number in 0..<64 {
            _ = Self.see(&agent, Self.camera, IPAddress(v4: 0x0A00_0000 + UInt32(number)), at: time(3))
        }
        #expect(agent.owners[address] == nil)
        _ = Self.see(&agent, third, address, at: time(4))
        #expect(agent.owners[address] == third)
        #expect(Self.bound(agent.tick(now: time(7))).isEmpty)
        #expect(agent.owners[address] == third)
    }

    @Test("a holder that cannot be asked keeps it; one that moved is asked where it is now")
    func askedWhereItIs() throws {
        var agent = agent
        _ = Self.see(&agent, Self.camera, address, at: time(1))
        _ = Self.see(&agent, Self.camera, address, at: time(2), interface: "usb0")
        let claim = Self.see(&agent, Self.other, address, at: time(3))
        #expect(claim.last == .ask(address, of: Self.camera, interface: "usb0"), "after what holds the newcomer")
        agent.dropClaim(to: address)
        #expect(Self.bound(agent.tick(now: time(60))).isEmpty)
        #expect(agent.owners[address] == Self.camera && agent.claimCounters.turnedAway == 1)
    }

    @Test("of two devices that a file gives the same address, one has it")
    func remembered() throws {
        var agent = agent
        var report = DeviceReport()
        report.addresses = [address]
        for device in [Self.camera, Self.other] {
            report.key = DeviceKey(device).byteString
            agent.remember(report, now: time(1))
        }
        let holders = agent.registry.devices.values.filter { $0.addresses[address] != nil }.map(\.key)
        #expect(holders == [DeviceKey(Self.camera)] && agent.owners[address] == Self.camera)
    }
}
