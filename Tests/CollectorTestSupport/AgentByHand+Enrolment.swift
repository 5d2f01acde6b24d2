import Foundation
import NetworkTypes
import TestSupport
import WireProtocol

extension AgentByHand {
    /// Redeems what `token create` printed, by curl and openssl: `NAME.key`, `NAME.pem` and `authority.pem` in the
    /// collector's directory. Returns the gateway's identifier.
    public static func enrol(token: String, as name: String, with collector: CollectorProcess) async throws -> String {
        let secret = try EnrolmentToken(text: ByteString(utf8: token)).secret.text
        try collector.file("\(name).conf").write("user = \"gateway:\(secret)\"\n")
        let script = """
            set -euo pipefail
            certificates() { openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs; }
            curl -sS --fail --insecure "$1/.well-known/est/cacerts" | certificates >authority.pem
            openssl ecparam -name prime256v1 -genkey -noout -out "$2.key"
            openssl req -new -key "$2.key" -subj "/CN=$2" -outform DER | openssl base64 >"$2.csr"
            curl -sS --fail --cacert authority.pem --config "$2.conf" -H 'Content-Type: application/pkcs10' \\
                --data-binary "@$2.csr" "$1/.well-known/est/simpleenroll" | certificates >"$2.pem"
            openssl x509 -in "$2.pem" -noout -ext subjectAltName
            """
        let outcome = try await Programs.run(
            "bash",
            ["-c", script, "enrol", collector.url, name],
            in: collector.directory
        )
        guard outcome.status == 0,
            let id = outcome.output.firstMatch(of: #/URI:spiffe://[^/]+/gateway/([a-z0-9-]+)/#)?.1
        else { throw TestFailure("enrol: \(outcome)") }
        return String(id)
    }
}
