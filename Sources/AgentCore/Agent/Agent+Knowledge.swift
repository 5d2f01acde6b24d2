public import Fingerprinting
import NetworkTypes
import WireProtocol

extension Agent {
    /// Other knowledge came: every device is weighed, held and reported anew.
    public mutating func adopt(knowledge: KnowledgeBase, now: AgentTime) -> [AgentAction] {
        self.knowledge = knowledge
        var actions: [AgentAction] = []
        for key in registry.devices.keys.ordered() {
            guard var device = registry[key] else { continue }
            let before = device.tracker.identity
            device.tracker.reconsider(device: key, knowledge: knowledge)
            device.noteChange(from: before, by: EvidenceReport(of: knowledge), at: now.wallMilliseconds)
            device.isDirty = true
            actions += hold(&device)
            registry[key] = device
        }
        return actions
    }
}

extension EvidenceReport {
    /// That the rules are others.
    init(of knowledge: KnowledgeBase) {
        self.init()
        signal = "knowledge"
        value = Hexadecimal.encode(knowledge.digest.bytes)
    }
}
