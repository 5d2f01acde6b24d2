import Foundation
import NetworkTypes
import Policy
import TLS

/// A policy as the agent finds it on its disk: signed by a key made for it.
enum SignedPolicy {
    /// Writes `policy.cose` into a state directory; `change` makes the bundle what the test needs. The public key, in
    /// hexadecimal digits, for `trustedPolicyKeys`.
    static func write(into state: URL, _ change: (inout PolicyBundle) -> Void) throws -> String {
        let signer = try Ed25519SigningKey.generate()
        var bundle = PolicyBundle()
        bundle.generation = 1
        bundle.issuedAtSeconds = 1_700_000_000
        bundle.notAfterSeconds = 4_000_000_000
        change(&bundle)
        let payload = bundle.encoded()
        let keyID = PolicyEnvelope.keyID(of: signer.publicKey)
        let message = PolicyEnvelope.toBeSigned(payload: payload, keyID: keyID)
        let envelope = PolicyEnvelope(payload: payload, keyID: keyID, signature: try signer.sign(message))
        try Data(envelope.encoded()).write(to: state.appendingPathComponent("policy.cose"))
        return Hexadecimal.encode(signer.publicKey).text
    }
}
