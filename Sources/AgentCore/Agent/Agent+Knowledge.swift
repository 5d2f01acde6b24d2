public import Fingerprinting
import NetworkTypes

extension Agent {
    /// Other knowledge came: every device is weighed anew, and held anew where it is another one now.
    public mutating func adopt(knowledge: KnowledgeBase) -> [AgentAction] {
        self.knowledge = knowledge
        var actions: [AgentAction] = []
        for key in registry.devices.keys.ordered() {
            guard var device = registry[key], device.tracker.reconsider(device: key, knowledge: knowledge) else {
                continue
            }
            device.isDirty = true
            actions += hold(&device)
            registry[key] = device
        }
        return actions
    }
}
