import Foundation
import Lab

/// A JSON object of the collector's API.
typealias Resource = [String: Any]

extension Stage {
    /// The items of a listing of `gatehousectl`, or of the API behind it.
    func list(_ arguments: [String]) throws -> [Resource] {
        let words = "gatehousectl \(arguments.joined(separator: " "))"
        let result = try attemptControl(arguments + ["-o", "json"])
        // 2 says that something listed is not as it should be: it is listed all the same.
        guard result.status == 0 || result.status == 2 else {
            throw LabError("\(words): status \(result.status): \(result.output)")
        }
        return try Stage.items(result.output, from: words)
    }

    private static func items(_ text: String, from source: String) throws -> [Resource] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        if let items = value as? [Resource] { return items }
        if let page = value as? Resource, let items = page["items"] as? [Resource] { return items }
        if let item = value as? Resource { return [item] }
        throw LabError("\(source): not a listing: \(text.prefix(200))")
    }

    /// Events that the collector has, newest first; all pages.
    func events(kinds: [String] = []) throws -> [Resource] {
        var all: [Resource] = []
        var cursor: String?
        repeat {
            var query = kinds.map { "kind=\($0)" } + ["limit=500"]
            if let cursor { query.append("cursor=\(cursor)") }
            let page = try api("/api/v1/events?" + query.joined(separator: "&"))
            all += page["items"] as? [Resource] ?? []
            cursor = page["next"] as? String
        } while cursor != nil
        return all
    }

    /// One GET of the API.
    func api(_ path: String) throws -> Resource {
        let text = try lab.central.run(
            [
                "curl", "-sS", "--insecure", "--fail-with-body", "--max-time", "10", "-H", "@\(self.path("bearer"))",
                "https://\(LabAddress.central):8443\(path)",
            ])
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Resource ?? [:]
    }

    /// Takes a session of its own for `api`.
    func logInToAPI() throws {
        try write("{\"user\": \"admin\", \"password\": \"\(Stage.password)\"}", to: "login.json")
        let text = try lab.central.run([
            "curl", "-sS", "--insecure", "--fail-with-body", "--max-time", "10", "-H", "Content-Type: application/json",
            "--data", "@\(path("login.json"))", "https://\(LabAddress.central):8443/api/v1/login",
        ])
        let answer = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Resource
        guard let token = answer?["token"] as? String else { throw LabError("no token from the login: \(text)") }
        try write("Authorization: Bearer \(token)\n", to: "bearer")
    }

    /// The device that holds an address, as the collector knows it; nil if it does not.
    func device(at address: String) throws -> Resource? {
        try list(["device", "list"]).first { ($0["addresses"] as? [String])?.contains(address) == true }
    }

    /// How far the gateway is with its policy.
    func policyStatus() throws -> Resource {
        try list(["policy", "status"]).first { $0["gateway"] as? String == gatewayID } ?? [:]
    }

    /// The lines of JSON that a peer printed.
    static func lines(_ process: LabProcess?) -> [Resource] {
        (process?.output ?? "").split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? Resource
        }
    }

    /// Milliseconds since boot, the clock of the peers' lines.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
