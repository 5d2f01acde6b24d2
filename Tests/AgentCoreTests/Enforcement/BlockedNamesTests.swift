import AgentCore
import NetworkTypes
import Policy
import Testing

/// What devices had learned of names that other blocklists refuse.
@Suite struct BlockedNamesTests {
    private static func enforcement(_ lists: [ByteString]) throws -> Enforcement {
        var bundle = try SamplePolicies.everything()
        bundle.allowlists[0].dns.blocklists = lists
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(bundle, devices: SamplePolicies.devices())
        for (name, address) in [
            ("cloud.axis.com", "198.51.100.7"), ("ads.axis.com", "198.51.100.8"), ("turn.example.net", "198.51.100.9"),
        ] as [(ByteString, ByteString)] {
            let commands = enforcement.learn(
                device: SamplePolicies.camera,
                name: try SamplePolicies.name(name),
                addresses: [try #require(IPAddress(address))],
                seconds: 300,
                nowMilliseconds: 0
            )
            #expect(!commands.isEmpty)
        }
        return enforcement
    }

    private static func names(_ enforcement: Enforcement) -> Set<ByteString> {
        Set(enforcement.learnedNames.map { $0.name.name.byteString })
    }

    @Test func onlyWhatTheListsRefuseGoesAndLiveFlowsAreJudgedAgain() throws {
        var enforcement = try Self.enforcement(["malware"])
        let epoch = enforcement.epoch
        let lists = try BlocklistTests.opened([("malware", "ads.axis.com\nexample.net")])
        let commands = enforcement.withdraw(lists).text
        let element = "{ ac:cc:8e:01:02:03 . 198.51.100.8 . tcp . 443 }"
        #expect(commands.contains("delete element inet gatehouse names4 \(element)"))
        #expect(!commands.contains("198.51.100.7") && !commands.contains("198.51.100.9"))
        // turn.example.net stands in a rule as it is: lists do not take that away.
        #expect(Self.names(enforcement) == ["cloud.axis.com", "turn.example.net"])
        #expect(enforcement.epoch != epoch)
        #expect(!enforcement.load(nowMilliseconds: 0).text.contains("198.51.100.8"))
        #expect(enforcement.withdraw(lists).isEmpty, "once")
    }

    @Test(arguments: [[], ["ads"]] as [[ByteString]])
    func aListThatThePolicyDoesNotNameTakesNothing(_ named: [ByteString]) throws {
        var enforcement = try Self.enforcement(named)
        let epoch = enforcement.epoch
        let lists = try BlocklistTests.opened([("malware", "axis.com")])
        #expect(enforcement.withdraw(lists).isEmpty)
        #expect(enforcement.epoch == epoch && Self.names(enforcement).count == 3)
    }
}
