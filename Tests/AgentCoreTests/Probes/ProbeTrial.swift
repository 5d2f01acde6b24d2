import AgentCore
import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import Policy

/// An agent with one link, a clock that is moved by hand, and devices that say what the test wants.
struct ProbeTrial {
    static let camera = MACAddress(ByteString("ac:cc:8e:01:02:03")) ?? MACAddress(rawValue: 0)
    static let link = ProbeLink(
        interface: "br0",
        networks: [prefix("192.168.50.0/24"), prefix("2001:db8:50::/64")],
        ownAddresses: [address("192.168.50.1")]
    )
    static let knowledge = """
        - rule: controller
          when: { mdns.service: "_plc._tcp" }
          says: { class: plc }
          weight: 0.3
          source: https://example.com/
          examples: ["_plc._tcp"]
          counterexamples: ["_http._tcp"]
        - rule: camera
          when: { mdns.service: "_camera._tcp" }
          says: { class: ip-camera }
          weight: 0.9
          source: https://example.com/
          examples: ["_camera._tcp"]
          counterexamples: ["_http._tcp"]
        """

    var agent: Agent
    var now: UInt64 = 1_764_000_000_000
    let start: UInt64 = 1_764_000_000_000

    static func address(_ text: ByteString) -> IPAddress { IPAddress(text) ?? IPAddress(v4: 0) }
    static func prefix(_ text: ByteString) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: IPAddress(v4: 0)) }

    static func knowledgeBase() throws -> KnowledgeBase {
        let bytes = try KnowledgeBuilder.build(texts: [("rules.yaml", knowledge)])
        return try KnowledgeBase(opening: ArrayByteStore(bytes))
    }

    init(_ kinds: [ProbeKind], confirmed: [ProbeKind] = [], change: (inout ProbePolicy) -> Void = { _ in }) throws {
        var settings = AgentSettings()
        for kind in confirmed { _ = settings.confirmedProbes.insert(kind) }
        self.init(agent: Agent(settings: settings, knowledge: try Self.knowledgeBase()))
        agent.probeLinks = [Self.link]
        adopt(kinds, change)
    }

    init(agent: Agent) { self.agent = agent }

    mutating func adopt(_ kinds: [ProbeKind], _ change: (inout ProbePolicy) -> Void = { _ in }) {
        var bundle = PolicyBundle()
        var probes = ProbePolicy(kinds: ProbeSet())
        for kind in kinds { _ = probes.kinds.insert(kind) }
        change(&probes)
        bundle.baseline.unknown.probes = kinds.isEmpty ? nil : probes
        _ = agent.adopt(bundle)
    }

    var time: AgentTime { AgentTime(wallMilliseconds: now, monotonicMilliseconds: now - start + 5_000) }

    /// A frame of a device.
    mutating func see(
        _ device: MACAddress = camera,
        at address: ByteString? = "192.168.50.7",
        interface: ByteString = "br0",
        _ signals: [Signal] = []
    ) {
        let sighting = Sighting(device: device, address: address.map { Self.address($0) }, signals: signals)
        _ = agent.take(sighting, interface: interface, now: time)
    }

    /// Lets time pass in ticks of half a second; what is asked is answered by `answer`, at once.
    @discardableResult
    mutating func run(
        seconds: UInt64,
        keepsSeeing: Bool = true,
        answer: (ProbeExchange) -> ProbeResult = { _ in ProbeResult(.timedOut) }
    ) -> [ProbeExchange] {
        var asked: [ProbeExchange] = []
        let end = now + seconds * 1000
        // Ticks are made longer where nothing can happen in between, for tests that go over weeks.
        let step: UInt64 = seconds > 86_400 ? 300_000 : seconds > 7200 ? 20_000 : 500
        while now < end {
            now += step
            if keepsSeeing, agent.registry[DeviceKey(Self.camera)] != nil { see() }
            guard let exchange = agent.nextProbe(now: time) else { continue }
            asked.append(exchange)
            _ = agent.finishProbe(exchange, Self.counted(answer(exchange), exchange), now: time)
        }
        return asked
    }

    static func counted(_ result: ProbeResult, _ exchange: ProbeExchange) -> ProbeResult {
        var result = result
        result.sentBytes = UInt64(exchange.request.count)
        result.receivedBytes = UInt64(result.parts.reduce(0) { $0 + $1.count })
        return result
    }

    static func text(_ text: String, _ end: ProbeResult.End = .finished) -> ProbeResult {
        var result = ProbeResult(end)
        result.parts = [Array(text.utf8)]
        return result
    }

    func records(_ device: MACAddress = camera) -> [ProbeRecord] {
        agent.registry[DeviceKey(device)]?.probes.records ?? []
    }
}
