package import NetworkTypes
package import Policy

extension Allowlist {
    /// Whether a rule names a block that an address lies in.
    package func coversByPrefix(_ address: IPAddress) -> Bool {
        allow.contains { rule in
            guard case .prefix(let prefix) = rule.to else { return false }
            return prefix.contains(address)
        }
    }
}
