public import CollectorCore
import Logging
import Storage
import WireProtocol

/// The live connections, one a gateway, and who may become one.
public actor AgentRegistry {
    /// How long a connection has to answer before another one of its gateway takes its place.
    static let challengeMilliseconds: Int64 = 5000

    private struct Live {
        let connection: any LiveAgent
        let agent: AgentSummary
        var isHeld: Bool
    }

    let store: any CollectorStore
    private let figures: CollectorFigures
    private let clock: WallClock
    let log: Logger
    private var live: [GatewayKey: Live] = [:]
    /// What the gateways of a tenant should have, where it was asked for already; nothing where there is none.
    var fileTargets: [FileSlot: FileTarget?] = [:]
    /// The same, while the store is asked: a fleet that comes back at once asks once.
    var fileQueries: [FileSlot: Task<SignedFileRecord?, Never>] = [:]
    /// Connections of held gateways beside the one in `live`.
    private var held: [GatewayKey: [any LiveAgent]] = [:]

    /// No connections.
    init(store: any CollectorStore, figures: CollectorFigures, clock: WallClock, log: Logger) {
        self.store = store
        self.figures = figures
        self.clock = clock
        self.log = log
    }

    /// How many agents are connected.
    public var connectedCount: Int { live.count }

    /// Whether a gateway's agent is connected.
    public func isConnected(_ gateway: GatewayKey) -> Bool { live[gateway] != nil }

    /// What came of an agent that said who it is.
    enum Outcome: Sendable {
        /// Let in; with the policy it should have, where it has another, and when an operator pushed that.
        case admitted(GatewayRecord, (record: PolicyRecord, orderedMilliseconds: UInt64)?)
        /// Connected, but held.
        case held(GatewayRecord)
        /// To be closed.
        case refused(AgentSession.CloseReason)
    }

    /// Decides on an agent that said who it is, and enters it where it may come in.
    func admit(_ connection: any LiveAgent, _ record: ConnectionRecord) async -> Outcome {
        let key = record.gateway
        do {
            guard let before = try await store.gateway(key, nowMilliseconds: clock.nowMilliseconds)?.record else {
                return .refused(.policyViolation("gateway \(key.gateway) is not enrolled here"))
            }
            var decision = Admission.decide(for: record.agent, gateway: before, live: live[key]?.agent)
            if decision == .challenge { decision = await challenge(key, for: record.agent) }
            switch decision {
            case .refuse(let reason):
                figures.add(.bannedRefused)
                return .refused(.policyViolation("gateway \(key.gateway) is banned: \(reason)"))
            case .hold(let reason):
                return try await hold(connection, record, reason: reason)
            case .admit, .replace, .challenge:
                return try await enter(connection, record)
            }
        } catch {
            log.error("cannot admit gateway \(key.gateway): \(error)")
            return .refused(.failed)
        }
    }

    /// A second process of a gateway came, with a later start: is the first one still there?
    private func challenge(_ key: GatewayKey, for agent: AgentSummary) async -> Admission {
        guard let current = live[key] else { return .admit }
        guard await current.connection.answersPing(withinMilliseconds: Self.challengeMilliseconds) else {
            return .replace
        }
        guard let still = live[key], still.connection === current.connection else { return .admit }
        return .hold(Admission.holdReason(for: agent, answeredBy: current.agent))
    }

    private func enter(_ connection: any LiveAgent, _ record: ConnectionRecord) async throws(StoreError) -> Outcome {
        let key = record.gateway
        let before = live.updateValue(
            Live(connection: connection, agent: record.agent, isHeld: false),
            forKey: key
        )
        before?.connection.close(.replaced)
        figures.set(.connectedAgents, UInt64(live.count))
        do {
            let gateway = try await store.recordConnection(record)
            let hash = gateway.policy.targetHash
            guard gateway.policy.targetGeneration > record.generation,
                let policy = try await store.policy(hash, tenant: key.tenant)
            else { return .admitted(gateway, nil) }
            let assignment = try await store.assignment(of: hash, to: key)
            return .admitted(gateway, (policy, assignment?.assignedMilliseconds ?? 0))
        } catch {
            leave(connection, key)
            throw error
        }
    }

    private func hold(
        _ connection: any LiveAgent,
        _ record: ConnectionRecord,
        reason: String
    ) async throws(StoreError) -> Outcome {
        let key = record.gateway
        figures.add(.clonesHeld)
        log.warning("gateway \(key.gateway) is held: \(reason)")
        held[key, default: []].append(connection)
        live[key]?.isHeld = true
        let now = clock.nowMilliseconds
        try await store.hold(key, HoldRecord(reason: reason, sinceMilliseconds: now))
        guard let gateway = try await store.gateway(key, nowMilliseconds: now)?.record else {
            return .refused(.policyViolation("gateway \(key.gateway) is not enrolled here"))
        }
        live[key]?.connection.hold(gateway)
        return .held(gateway)
    }

    /// A connection ended.
    func remove(_ connection: any LiveAgent, _ record: ConnectionRecord, reason: String) async {
        let key = record.gateway
        let wasLive = leave(connection, key)
        guard wasLive else { return }
        do {
            try await store.recordDisconnection(
                of: key,
                instance: record.agent.instance,
                reason: reason,
                nowMilliseconds: clock.nowMilliseconds
            )
        } catch {
            log.error("cannot record that gateway \(key.gateway) went: \(error)")
        }
    }

    @discardableResult
    private func leave(_ connection: any LiveAgent, _ key: GatewayKey) -> Bool {
        held[key]?.removeAll { $0 === connection }
        if held[key]?.isEmpty == true { held[key] = nil }
        guard let current = live[key], current.connection === connection else { return false }
        live[key] = nil
        figures.set(.connectedAgents, UInt64(live.count))
        return true
    }

    /// Writes a policy to those gateways of `orders` that are connected, with the time when an operator pushed it to each,
    /// milliseconds since 1970. Returns which.
    func push(_ policy: PolicyRecord, hash: [UInt8], to orders: [GatewayKey: UInt64]) -> [GatewayKey] {
        var reached: [GatewayKey] = []
        for (gateway, orderedMilliseconds) in orders {
            guard let agent = live[gateway], !agent.isHeld else { continue }
            agent.connection.push(envelope: policy.envelope, hash: hash, orderedMilliseconds: orderedMilliseconds)
            reached.append(gateway)
        }
        figures.add(.policiesPushed, UInt64(reached.count))
        return reached
    }

    /// Writes a message to a gateway; false where it is not connected.
    func send(_ message: CollectorMessage, to gateway: GatewayKey) -> Bool {
        guard let agent = live[gateway], !agent.isHeld else { return false }
        agent.connection.send(message)
        return true
    }

    /// Offers a file to all of a tenant's gateways that are connected. Returns which.
    func offer(_ target: FileTarget, tenant: String) -> [GatewayKey] {
        var reached: [GatewayKey] = []
        for (gateway, agent) in live where gateway.tenant == tenant && !agent.isHeld {
            agent.connection.offer(target)
            reached.append(gateway)
        }
        return reached
    }

    /// Offers a file to a gateway, if it is connected.
    func offer(_ target: FileTarget, to gateway: GatewayKey) {
        guard let agent = live[gateway], !agent.isHeld else { return }
        agent.connection.offer(target)
    }

    /// Closes every connection of a gateway.
    func close(_ gateway: GatewayKey, _ reason: AgentSession.CloseReason) {
        live[gateway]?.connection.close(reason)
        for connection in held[gateway] ?? [] { connection.close(reason) }
    }

    /// Closes every connection: the collector stops.
    func closeAll(_ reason: AgentSession.CloseReason) {
        for agent in live.values { agent.connection.close(reason) }
        for connection in held.values.joined() { connection.close(reason) }
    }

    /// The gateways that are connected.
    var connectedGateways: [GatewayKey] { Array(live.keys) }
}
