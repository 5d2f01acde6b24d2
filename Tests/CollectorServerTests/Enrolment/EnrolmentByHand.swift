import CollectorTestSupport
import Foundation
import TestSupport

/// A gateway's enrolment as somebody does it with curl and openssl alone (RFC 7030), and the operator's part by curl.
struct EnrolmentByHand: Sendable {
    let collector: CollectorProcess

    init(_ collector: CollectorProcess) { self.collector = collector }

    /// Runs openssl, and expects it to end well.
    @discardableResult
    func openssl(_ arguments: [String], input: Data = Data()) async throws -> String {
        let outcome = try await Programs.run("openssl", arguments, in: collector.directory, input: input)
        guard outcome.status == 0 else {
            throw TestFailure("openssl \(arguments.joined(separator: " ")): \(outcome)")
        }
        return outcome.output
    }

    /// Gets the authority by `cacerts` into `authority.pem`, believing nobody yet. Returns its SHA-256 as hexadecimal
    /// digits: what is to be compared with what `init` printed.
    func fetchAuthority() async throws -> String {
        let bundle = "cacerts"
        let outcome = try await Programs.run(
            "curl",
            ["-sS", "--fail", "--insecure", "--output", bundle, collector.url + "/.well-known/est/cacerts"],
            in: collector.directory
        )
        guard outcome.status == 0 else { throw TestFailure("cacerts: \(outcome)") }
        try await unpack(bundle, to: "authority.pem")
        let printed = try await openssl(["x509", "-in", "authority.pem", "-noout", "-fingerprint", "-sha256"])
        return String(printed.split(separator: "=").last ?? "").filter(\.isHexDigit).lowercased()
    }

    /// A certs-only message in base64 to certificates in PEM.
    func unpack(_ message: String, to file: String) async throws {
        try await openssl(["base64", "-d", "-A", "-in", message, "-out", "\(message).der"])
        try await openssl(["pkcs7", "-inform", "DER", "-in", "\(message).der", "-print_certs", "-out", file])
    }

    /// A P-256 key and a request for it: `NAME.key`, and `NAME.csr` in base64.
    func makeRequest(_ name: String) async throws {
        try await openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key"])
        let subject = "/CN=whatever the host calls itself"
        try await openssl([
            "req", "-new", "-key", "\(name).key", "-subj", subject, "-outform", "DER", "-out", "\(name).der",
        ])
        try await openssl(["base64", "-in", "\(name).der", "-out", "\(name).csr"])
    }

    /// Hands a file in as a request, with the token's secret as the password.
    func enrol(secret: String?, file: String) async throws -> CollectorProcess.Answer {
        var configuration = [
            "header = \"Content-Type: application/pkcs10\"", "header = \"Content-Transfer-Encoding: base64\"",
            "data-binary = \"@\(file)\"",
        ]
        if let secret { configuration.append("user = \"gateway:\(secret)\"") }
        return try await collector.curl("/.well-known/est/simpleenroll", configuration: configuration)
    }

    /// Enrols a gateway: `NAME.key` and `NAME.pem`. Returns its identifier.
    @discardableResult
    func enrolGateway(_ name: String, as bearer: String) async throws -> String {
        try await makeRequest(name)
        let answer = try await enrol(secret: try await makeToken(as: bearer).secret, file: "\(name).csr")
        guard answer.status == 200 else { throw TestFailure("simpleenroll: \(answer.text)") }
        try answer.body.write(to: collector.file("\(name).p7"))
        try await unpack("\(name).p7", to: "\(name).pem")
        let names = try await openssl(["x509", "-in", "\(name).pem", "-noout", "-ext", "subjectAltName"])
        guard let id = names.firstMatch(of: #/URI:spiffe://[^/]+/gateway/([a-z0-9-]+)/#)?.1 else {
            throw TestFailure("no gateway in \(names)")
        }
        return String(id)
    }

    // MARK: The operator

    /// Logs the first administrator in; returns the bearer token.
    func logIn() async throws -> String {
        let login = [
            "user": "admin", "password": try await collector.beginning("one-time password"),
            "newPassword": CollectorProcess.password,
        ]
        try JSONSerialization.data(withJSONObject: login).write(to: collector.file("login.json"))
        let answer = try await collector.curl(
            "/api/v1/login",
            configuration: ["header = \"Content-Type: application/json\"", "data-binary = \"@login.json\""]
        )
        guard answer.status == 200, let token = try answer.object["token"] as? String else {
            throw TestFailure("login: \(answer.text)")
        }
        return token
    }

    /// Signs in to the console as a browser would, with the password that `logIn` set. Returns what sets the cookie.
    func signIn() async throws -> String {
        func cookie(_ answer: CollectorProcess.Answer) throws -> String {
            guard let found = answer.headers.firstMatch(of: #/(?i)set-cookie: ([^\r\n]+)/#)?.1 else {
                throw TestFailure("no cookie: \(answer.headers)")
            }
            return String(found)
        }
        let form = try await collector.curl("/login")
        guard let token = form.text.firstMatch(of: #/name="form" value="([^"]+)"/#)?.1 else {
            throw TestFailure("no form: \(form.text)")
        }
        let answer = try await collector.curl(
            "/login",
            configuration: [
                "cookie = \"\(try cookie(form).split(separator: ";").first ?? "")\"",
                "data-urlencode = \"form=\(token)\"", "data = \"user=admin\"", "data = \"next=/\"",
                "data-urlencode = \"password=\(CollectorProcess.password)\"",
            ]
        )
        guard answer.status == 303 else { throw TestFailure("sign-in: \(answer.text)") }
        return try cookie(answer)
    }

    /// Asks the API as who logged in.
    func api(
        _ method: String,
        _ path: String,
        as bearer: String,
        json: [String: Any]? = nil
    ) async throws -> CollectorProcess.Answer {
        var configuration = ["request = \"\(method)\"", "header = \"Authorization: Bearer \(bearer)\""]
        if let json {
            let name = "\(UUID().uuidString).json"
            try JSONSerialization.data(withJSONObject: json).write(to: collector.file(name))
            configuration += ["header = \"Content-Type: application/json\"", "data-binary = \"@\(name)\""]
        }
        return try await collector.curl(path, configuration: configuration)
    }

    /// An enrolment token: its identifier and its secret.
    func makeToken(as bearer: String, seconds: Int = 600) async throws -> (id: String, secret: String) {
        let answer = try await api(
            "POST",
            "/api/v1/tokens",
            as: bearer,
            json: ["site": "warehouse-1", "label": "dock", "expiresInSeconds": seconds]
        )
        guard answer.status == 201, let id = try answer.object["id"] as? String,
            let secret = try answer.object["secret"] as? String
        else { throw TestFailure("token: \(answer.text)") }
        return (id, secret)
    }

    /// The audit log's lines of one action, newest first.
    func audit(_ action: String, as bearer: String) async throws -> [[String: Any]] {
        let answer = try await api("GET", "/api/v1/audit?limit=500", as: bearer)
        let items = try answer.object["items"] as? [[String: Any]] ?? []
        return items.filter { $0["action"] as? String == action }
    }
}
