import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// What is rendered is what the kernel lists again, so a read-back proves the policy.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct RulesetProofTests {
    /// Loads `commands` one after another, as the agent does, and lists the table. All in one transaction would be more
    /// than the kernel takes at once from the root of a user namespace (`net.core.wmem_max`).
    func kernel(after commands: [ByteString], then tampering: String = "true") -> Namespace.Outcome {
        var input = ""
        for command in commands { input += "#=====\n" + command.text + "\n" }
        return Namespace.run(
            "csplit -s -z -n 3 -f /run/command - '/^#=====$/' '{*}'; for file in /run/command*; do nft -f $file; done; "
                + "\(tampering); nft -s list table inet gatehouse",
            input: input
        )
    }

    @Test("the kernel lists what was rendered, for every kind of rule")
    func rendersAsListed() throws {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        let outcome = kernel(after: [enforcement.load(nowMilliseconds: 0)])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let asked = CanonicalRuleset(enforcement.desired)
        let found = CanonicalRuleset(ByteString(utf8: outcome.output))
        #expect(CanonicalRuleset.difference(asked: asked, found: found) == "")
        #expect(asked.hash == found.hash)
    }

    @Test("what is protected, and break-glass addresses, are listed as rendered, also after they changed")
    func protectsAsListed() throws {
        var settings = SamplePolicies.settings
        settings.breakGlass = try ["198.51.100.0/28", "2001:db8:9::1", "198.51.100.3"].map {
            try SamplePolicies.prefix($0)
        }
        var enforcement = Enforcement(settings: settings)
        #expect(enforcement.protect(try ["203.0.113.10"].map { try SamplePolicies.prefix($0) }) == "", "no table yet")
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        var commands = [enforcement.load(nowMilliseconds: 0)]
        for prefixes in [["203.0.113.11", "2001:db8::11", "203.0.113.0/24"], ["2001:db8::12"], ["203.0.113.10"]] {
            let change = enforcement.protect(try prefixes.map { try SamplePolicies.prefix(ByteString(utf8: $0)) })
            #expect(!change.isEmpty)
            commands.append(change)
            let outcome = kernel(after: commands)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let asked = CanonicalRuleset(enforcement.desired)
            let found = CanonicalRuleset(ByteString(utf8: outcome.output))
            #expect(CanonicalRuleset.difference(asked: asked, found: found) == "", "\(prefixes)")
        }
        #expect(enforcement.protect(enforcement.protected) == "", "nothing new")
    }

    @Test("interfaces that get other names are held under those")
    func followsInterfaces() throws {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        let configured = enforcement.settings.deviceInterfaces
        #expect(enforcement.hold(interfaces: configured + ["early0"]) == "", "no table yet")
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        var commands = [enforcement.load(nowMilliseconds: 0)]
        for names in [configured + ["usb9", "lan.7"], configured + ["lan.7"], configured] as [[ByteString]] {
            commands.append(enforcement.hold(interfaces: names))
            let outcome = kernel(after: commands)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let asked = CanonicalRuleset(enforcement.desired)
            let found = CanonicalRuleset(ByteString(utf8: outcome.output))
            #expect(CanonicalRuleset.difference(asked: asked, found: found) == "", "\(names)")
            #expect(outcome.output.contains("lan.7") == names.contains("lan.7"))
        }
        #expect(enforcement.hold(interfaces: configured) == "", "nothing new")
    }

    @Test("small commands bring the kernel to what is desired")
    func commandsKeepUp() throws {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        var commands = [enforcement.load(nowMilliseconds: 0)]
        var camera = SamplePolicies.devices()[0]
        camera.addresses.append(try #require(IPAddress("192.0.2.99")))
        camera.addresses.removeFirst()
        commands.append(enforcement.hold(camera))
        camera.policy = "watched"
        commands.append(enforcement.hold(camera))
        for policy in ["noticed", "cameras"] as [ByteString] {
            camera.policy = policy
            commands.append(enforcement.hold(camera))
        }
        let learned = enforcement.learn(
            device: SamplePolicies.camera,
            name: try SamplePolicies.name("cloud.axis.com"),
            addresses: [try #require(IPAddress("198.51.100.7")), try #require(IPAddress("2001:db8::7"))],
            seconds: 60,
            nowMilliseconds: 0
        )
        #expect(!learned.isEmpty)
        commands.append(learned)
        commands.append(
            enforcement.learn(
                device: SamplePolicies.camera,
                name: try SamplePolicies.name("any.example.net"),
                addresses: [try #require(IPAddress("198.51.100.8"))],
                seconds: 60,
                nowMilliseconds: 0
            )
        )
        commands.append(enforcement.quarantine(SamplePolicies.sensor, seconds: 60, nowMilliseconds: 0))
        commands.append(enforcement.quarantine(SamplePolicies.camera, seconds: 60, nowMilliseconds: 0))
        commands.append(enforcement.release(SamplePolicies.camera))
        commands.append(enforcement.letGo(SamplePolicies.sensor))
        let outcome = kernel(after: commands)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let asked = CanonicalRuleset(enforcement.desired)
        let found = CanonicalRuleset(ByteString(utf8: outcome.output))
        #expect(CanonicalRuleset.difference(asked: asked, found: found) == "")
        #expect(outcome.output.contains("198.51.100.7 . tcp . 443"))
        // What was learned and who is in quarantine survives a new load.
        let reloaded = kernel(after: commands + [enforcement.load(nowMilliseconds: 1000)])
        #expect(reloaded.status == 0, "\(reloaded.errors)")
        #expect(reloaded.output.contains("198.51.100.7 . tcp . 443"))
        #expect(reloaded.output.contains("02:00:00:00:00:42 timeout"))
    }

    @Test("a rule deleted by hand, an element removed, a chain added: each is a difference")
    func noticesDrift() throws {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        let load = enforcement.load(nowMilliseconds: 0)
        let asked = CanonicalRuleset(enforcement.desired)
        let tampering = [
            "nft flush chain inet gatehouse policy_cameras",
            "nft 'delete element inet gatehouse bound4 { ac:cc:8e:01:02:03 . 192.0.2.7 }'",
            "nft add chain inet gatehouse backdoor",
            "nft insert rule inet gatehouse from_device accept",
            "nft 'delete element inet gatehouse blocked4 { 203.0.113.0/24 }'",
        ]
        for command in tampering {
            let outcome = kernel(after: [load], then: command)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = CanonicalRuleset(ByteString(utf8: outcome.output))
            #expect(CanonicalRuleset.difference(asked: asked, found: found) != "", "\(command)")
        }
    }

    @Test("a difference says in which chain it is, also where another chain has the same rule")
    func saysWhere() {
        func table(_ first: ByteString, _ second: ByteString) -> CanonicalRuleset {
            CanonicalRuleset("table inet t {\n\tchain a {\n\(first)\t}\n\tchain b {\n\(second)\t}\n}\n")
        }
        let rule: ByteString = "\t\tgoto refuse\n"
        let asked = table(rule, rule)
        #expect(CanonicalRuleset.difference(asked: asked, found: asked) == "")
        #expect(CanonicalRuleset.difference(asked: asked, found: table(rule, "")) == "- chain b: goto refuse")
        #expect(
            CanonicalRuleset.difference(asked: asked, found: table("\t\taccept\n\(rule)", rule))
                == "+ chain a: accept"
        )
        #expect(
            CanonicalRuleset.difference(asked: asked, found: table(rule, "\(rule)\(rule)"))
                == "the same lines in another order or number"
        )
    }
}
