internal import HTTPTypes
internal import Hummingbird

/// The console's cookie. The prefix binds it to this host, the whole path and TLS (RFC 6265bis §4.1.3.2).
enum SessionCookie {
    static let name = "__Host-gatehouse"

    /// Its value in a request; nil where there is none.
    static func value(in request: Request, named name: String = SessionCookie.name) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
                return String(parts[1])
            }
        }
        return nil
    }

    /// The header that sets it.
    static func header(_ value: String, maximumAgeSeconds: UInt64) -> String {
        "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=\(maximumAgeSeconds)"
    }
}
