import Foundation
import Lab

/// An empty collector, a gateway that enrols, devices that get their names.
extension Story {
    var beginning: [Step] {
        [
            Step(title: "the collector starts empty", run: startCollector),
            Step(title: "the gateway enrols with a one-time token, which works once", run: enrol),
            Step(title: "the devices appear and are named, with evidence", run: nameDevices),
            Step(title: "before any policy the camera reaches whatever it likes", run: reachEverything),
        ]
    }

    private func startCollector() throws -> [String] {
        try stage.write(
            """
            stateDirectory: \(stage.path("collector"))
            agentListener: { address: "\(LabAddress.central)", port: 7443 }
            httpsListener: { address: "\(LabAddress.central)", port: 8443, names: [\(LabAddress.central), localhost] }

            """,
            to: "collector.yaml"
        )
        let initialised = try stage.lab.central.run(
            [stage.program("gatehouse-collector"), "init", "--config", stage.path("collector.yaml")])
        let pin = try Story.value(after: "CA SHA-256:", in: initialised)
        try stage.write(try Story.value(after: "one-time password:", in: initialised), to: "one-time-password")
        try stage.write(Stage.password, to: "new-password")
        try stage.startCollector()
        try stage.control([
            "login", "--collector", "https://\(LabAddress.central):8443", "--ca-sha256", pin, "--user", "admin",
            "--password-file", stage.path("one-time-password"), "--new-password-file", stage.path("new-password"),
        ])
        try stage.logInToAPI()
        let gateways = try stage.list(["gateway", "list"])
        try Story.require(gateways.isEmpty, "the collector already has gateways: \(gateways)")
        return ["authority \(pin.prefix(16))…, no gateway, no device"]
    }

    /// The word that follows `label` in what a program printed.
    private static func value(after label: String, in text: String) throws -> String {
        guard let range = text.range(of: label, options: .caseInsensitive),
            let word = text[range.upperBound...].split(whereSeparator: \.isWhitespace).first
        else { throw LabError("no \"\(label)\" in: \(text)") }
        return String(word)
    }

    private func enrol() throws -> [String] {
        try stage.control(["policy", "keygen", stage.path("policy-key")])
        try stage.control(["policy", "keygen", stage.path("stranger-key")])
        let token = try stage.control([
            "token", "create", "--site", "warehouse-1", "--policy-key",
            stage.path("policy-key.pub"),
        ])
        guard let word = token.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix("gh1.") }) else {
            throw LabError("token create printed no token: \(token)")
        }
        try stage.write(String(word), to: "token")
        try stage.write(
            """
            collector: { host: \(LabAddress.central) }
            interfaces: { devices: [lan0], uplink: wan0 }
            stateDirectory: \(stage.path("agent"))
            knowledge: \(stage.knowledge)
            dns: { upstreams: [\(LabAddress.resolver)] }

            """,
            to: "agent.yaml"
        )
        let enrolment = [
            stage.program("gatehouse-agent"), "enroll", "--config", stage.path("agent.yaml"), "--token-file",
            stage.path("token"),
        ]
        let said = try stage.lab.gateway.run(enrolment)
        let again = try stage.lab.gateway.attempt(enrolment)
        try Story.require(again.status != 0, "the token worked a second time: \(again.output)")
        try stage.startAgent()
        try Lab.wait(within: 20, for: "the gateway to be connected") {
            guard let gateway = try stage.list(["gateway", "list"]).first else { return false }
            stage.gatewayID = gateway["id"] as? String ?? ""
            return gateway["state"] as? String == "connected"
        }
        return [
            said.trimmingCharacters(in: .whitespacesAndNewlines),
            "again: " + again.output.trimmingCharacters(in: .whitespacesAndNewlines),
        ]
    }

    private func nameDevices() throws -> [String] {
        stage.camera = try stage.lab.startCamera()
        stage.sensor = try stage.lab.startSensor()
        _ = try stage.lab.startInfected()
        _ = try stage.lab.startRecorder()
        try stage.lab.lookForCameras()
        var described: [String] = []
        for (address, expected) in [(LabAddress.camera, "ip-camera"), (LabAddress.sensor, "sensor")] {
            try Lab.wait(within: 20, for: "\(address) to be named \(expected)") {
                try stage.device(at: address)?["class"] as? String == expected
            }
            guard let key = try stage.device(at: address)?["key"] as? String,
                let device = try stage.list(["device", "show", key]).first
            else { continue }
            let evidence = device["evidence"] as? [Resource] ?? []
            try Story.require(!evidence.isEmpty, "\(key) has a name without evidence")
            let words = evidence.prefix(3).map { "\($0["signal"] ?? "") \"\("\($0["value"] ?? "")".prefix(48))\"" }
            let name = ["vendor", "model"].compactMap { device[$0] as? String }.joined(separator: " ")
            described.append("\(address) \(expected) \(name): \(words.joined(separator: ", "))")
        }
        for address in [LabAddress.infected, LabAddress.recorder] {
            try Lab.wait(within: 20, for: "\(address) to be seen") { try stage.device(at: address) != nil }
        }
        return described
    }

    /// What the camera tries that no policy of the demo allows: by name, by IPv4 and by IPv6 address.
    var forbiddenAttempts: [[String]] {
        [
            Peer.command("cloudclient.py", ["tracker.example", "--ca", stage.lab.authorityFile.path, "--once"]),
            ["curl", "-sS", "--max-time", "3", "--insecure", "https://\(LabAddress.tracker)/"],
            ["curl", "-sS", "--max-time", "3", "--insecure", "https://[2001:db8:2::66]/"],
        ]
    }

    /// The control without which the blocked attempts would prove nothing.
    private func reachEverything() throws -> [String] {
        for attempt in forbiddenAttempts {
            let words = attempt.joined(separator: " ")
            try Lab.wait(within: 20, for: "the camera to get through, with no policy: \(words)") {
                try stage.lab.camera.attempt(attempt).status == 0
            }
        }
        return ["tracker.example by name, by IPv4 and by IPv6"]
    }
}
