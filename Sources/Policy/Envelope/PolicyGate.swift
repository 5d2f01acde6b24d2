public import NetworkTypes

/// The one door through which a policy comes into force.
public enum PolicyGate {
    /// What a gateway knows when a policy arrives.
    public struct Context: Sendable {
        /// The gateway's identifier.
        public var gatewayID: ByteString
        /// The gateway's site.
        public var site: ByteString
        /// The highest generation ever taken here; 0 for none. A rollback does not lower it.
        public var highestGenerationSeen: UInt64
        /// The gateway's clock, seconds since 1970.
        public var nowSeconds: UInt64
        /// What must stay reachable: collector, resolvers, time servers, break-glass addresses.
        public var protected: [ProtectedPrefix]
        /// Raw Ed25519 public keys.
        public var trustedKeys: [[UInt8]]

        /// A context.
        public init(
            gatewayID: ByteString,
            site: ByteString,
            highestGenerationSeen: UInt64,
            nowSeconds: UInt64,
            protected: [ProtectedPrefix],
            trustedKeys: [[UInt8]]
        ) {
            self.gatewayID = gatewayID
            self.site = site
            self.highestGenerationSeen = highestGenerationSeen
            self.nowSeconds = nowSeconds
            self.protected = protected
            self.trustedKeys = trustedKeys
        }
    }

    /// The bundle of an envelope that passes every check, in this order: signature, decoding, target, expiry,
    /// generation, validation. The envelope's bytes are as they came off the wire.
    public static func accept(
        _ envelope: [UInt8],
        context: Context,
        verify: (_ publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(PolicyRefusal) -> PolicyBundle {
        let parsed: PolicyEnvelope
        do throws(DecodeError) {
            parsed = try PolicyEnvelope(decoding: envelope)
        } catch {
            var detail: ByteString = "not a signed policy envelope (byte "
            detail.append(decimal: error.offset)
            detail.append("); make one with gatehousectl policy sign")
            throw PolicyRefusal(.signature, detail)
        }
        let bundle = try parsed.verified(by: verify, trustedKeys: context.trustedKeys)
        try admit(bundle, context: context)
        return bundle
    }

    /// The checks on a bundle whose signature holds. Also for a policy that is read back from the gateway's own disk,
    /// where `generation` is the one in force: pass one less as the highest seen.
    public static func admit(_ bundle: PolicyBundle, context: Context) throws(PolicyRefusal) {
        guard bundle.target.includes(gatewayID: context.gatewayID, site: context.site) else {
            var detail: ByteString = "not meant for gateway "
            detail.append(context.gatewayID)
            detail.append(" at site ")
            detail.append(context.site.isEmpty ? "(none)" : context.site)
            detail.append("; its target names others")
            throw PolicyRefusal(.target, detail)
        }
        guard context.nowSeconds <= bundle.notAfterSeconds else {
            var detail: ByteString = "expired at "
            detail.append(decimal: bundle.notAfterSeconds)
            detail.append(", it is now ")
            detail.append(decimal: context.nowSeconds)
            detail.append(" (seconds since 1970); sign it again")
            throw PolicyRefusal(.expired, detail)
        }
        try checkGeneration(bundle, seen: context.highestGenerationSeen)
        let problems = PolicyValidator.validate(bundle, protected: context.protected)
        let errors = problems.filter { $0.severity == .error }
        // What cuts off is told first: it is what the operator must know.
        if let problem = errors.first(where: { $0.kind == .cutsOff }) {
            throw PolicyRefusal(.cutsOff, problem.byteString)
        }
        if let problem = errors.first { throw PolicyRefusal(.invalid, problem.byteString) }
    }

    private static func checkGeneration(_ bundle: PolicyBundle, seen: UInt64) throws(PolicyRefusal) {
        if bundle.generation > seen { return }
        if let rollbackFrom = bundle.rollbackFrom, seen <= rollbackFrom { return }
        var detail: ByteString = "generation "
        detail.append(decimal: bundle.generation)
        detail.append(" is not above ")
        detail.append(decimal: seen)
        detail.append(", the highest seen here")
        if let rollbackFrom = bundle.rollbackFrom {
            detail.append(", and its rollback grant ends at ")
            detail.append(decimal: rollbackFrom)
        }
        detail.append("; sign it with a higher generation, or with a rollback grant")
        throw PolicyRefusal(.generation, detail)
    }
}
