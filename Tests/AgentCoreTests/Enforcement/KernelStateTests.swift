import Fingerprinting
import Foundation
import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// What a killed agent leaves in the kernel is found, kept, and refreshed by the next one.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct KernelStateTests {
    let name: DomainName
    let address: IPAddress
    var enforcement: Enforcement
    let listing: ByteString

    init() throws {
        name = try SamplePolicies.name("cloud.axis.com")
        address = try #require(IPAddress("198.51.100.7"))
        enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        var commands = enforcement.load(nowMilliseconds: 0)
        commands.append(
            enforcement.learn(
                device: SamplePolicies.camera,
                name: name,
                addresses: [address],
                seconds: 60,
                nowMilliseconds: 0
            )
        )
        commands.append(
            enforcement.learn(
                device: SamplePolicies.camera,
                name: try SamplePolicies.name("any.example.net"),
                addresses: [address],
                seconds: 60,
                nowMilliseconds: 0
            )
        )
        commands.append(enforcement.quarantine(SamplePolicies.sensor, seconds: 90, nowMilliseconds: 0))
        let outcome = Namespace.run("nft -f /dev/stdin; nft list table inet gatehouse", input: commands.text)
        #expect(outcome.status == 0, "\(outcome.errors)")
        listing = ByteString(utf8: outcome.output)
    }

    @Test("a listing with figures and times has the same canonical form")
    func figuresDoNotMatter() {
        let asked = CanonicalRuleset(enforcement.desired)
        let found = CanonicalRuleset(listing)
        #expect(CanonicalRuleset.difference(asked: asked, found: found) == "")
        #expect(asked.hash == found.hash)
    }

    @Test("generation, epoch, quarantine and learned addresses are read from a listing")
    func reads() {
        let state = KernelState(listing: listing)
        #expect(state.generation == 7)
        #expect(state.epoch == enforcement.epoch)
        #expect(state.quarantined.map(\.device) == [SamplePolicies.sensor])
        #expect(state.quarantined.allSatisfy { $0.seconds > 80 && $0.seconds <= 90 })
        let keys = state.learned.map { "\($0.set.text) \($0.key.text)" }.sorted()
        #expect(
            keys == [
                "names4 ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 443",
                "wide_cameras_9_4 ac:cc:8e:01:02:03 . 198.51.100.7",
            ]
        )
        #expect(state.learned.allSatisfy { $0.seconds > 590 && $0.seconds <= 600 })
    }

    @Test("the next process keeps what the last one learned, under the same policy only")
    func carriesOver() throws {
        let state = KernelState(listing: listing)
        var next = Enforcement(settings: SamplePolicies.settings, lastEpoch: state.epoch)
        next.takeOver(state, nowMilliseconds: 1000)
        var other = next
        next.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        let load = next.load(nowMilliseconds: 1000)
        #expect(load.text.contains("add element inet gatehouse names4 { ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 443"))
        let outcome = Namespace.run("nft -f /dev/stdin; nft list table inet gatehouse", input: load.text)
        #expect(KernelState(listing: ByteString(utf8: outcome.output)).learned.count == 2, "\(outcome.errors)")

        // Asked again, it is refreshed the hard way, for it may be there.
        let again = next.learn(
            device: SamplePolicies.camera,
            name: name,
            addresses: [address],
            seconds: 60,
            nowMilliseconds: 2000
        )
        #expect(again.text.contains("delete element"))

        var bundle = try SamplePolicies.everything()
        bundle.generation = 8
        other.adopt(bundle, devices: SamplePolicies.devices())
        #expect(!other.load(nowMilliseconds: 1000).text.contains("198.51.100.7 . tcp"))
        // Nor when another policy comes to hold the device.
        var device = SamplePolicies.devices()[0]
        device.policy = "watched"
        let commands = next.hold(device).text
        #expect(commands.contains("delete element inet gatehouse wide_cameras_9_4"))
        #expect(!next.load(nowMilliseconds: 2000).text.contains("add element inet gatehouse wide_cameras_9_4"))
    }

    @Test(
        "flows that were cut stay so in the next process, under whatever policy, and are refreshed from what is found"
    )
    func keepsCuts() throws {
        var enforcement = enforcement
        let asked = ServerNameSighting(
            device: SamplePolicies.camera,
            client: try #require(IPAddress("192.0.2.7")),
            server: address,
            transport: .tcp,
            clientPort: 50_000,
            serverPort: 443,
            name: .named("evil.example")
        )
        #expect(enforcement.judge(asked, nowMilliseconds: 1000)?.destinationName == "evil.example")
        let cut = enforcement.takeCuts(nowMilliseconds: 1000)
        let outcome = Namespace.run(
            "nft -f /dev/stdin; nft list table inet gatehouse",
            input: enforcement.load(nowMilliseconds: 0).text + "\n" + cut.text
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let state = KernelState(listing: ByteString(utf8: outcome.output))
        let key: ByteString = "ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 50000 . 443"
        #expect(state.learned.contains { $0.set == "cut4" && $0.key == key && $0.seconds > 290 })
        var next = Enforcement(settings: SamplePolicies.settings, lastEpoch: state.epoch)
        next.takeOver(state, nowMilliseconds: 1000)
        var bundle = try SamplePolicies.everything()
        bundle.generation = 8
        next.adopt(bundle, devices: SamplePolicies.devices())
        let load = next.load(nowMilliseconds: 1000).text
        #expect(load.contains("add element inet gatehouse cut4 { \(key) timeout"))
        #expect(Namespace.run("nft -f /dev/stdin", input: load).status == 0)
        // A flow that goes on being tried is found with more time than it was given.
        _ = enforcement.observe(state, nowMilliseconds: 200_000)
        _ = enforcement.tick(nowMilliseconds: 400_000)
        #expect(enforcement.load(nowMilliseconds: 400_000).text.contains("cut4 { \(key) timeout"))
    }

    @Test("what connections keep in the kernel is not forgotten")
    func keepsWhatIsUsed() throws {
        var enforcement = enforcement
        let used = ByteString(
            utf8: listing.text.split(separator: "\n").map { line in
                line.contains("198.51.100.7 . tcp")
                    ? "\t\telements = { ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 443 timeout 5m expires 58m2s }"
                    : String(line)
            }.joined(separator: "\n")
        )
        let twoHours: UInt64 = 2 * 3_600_000
        #expect(enforcement.observe(KernelState(listing: used), nowMilliseconds: twoHours) == "")
        _ = enforcement.tick(nowMilliseconds: twoHours + 300_000)
        #expect(enforcement.learnedName(device: SamplePolicies.camera, address: address) == name)
        let load = enforcement.load(nowMilliseconds: twoHours + 300_000).text
        #expect(load.contains("names4 { ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 443 timeout 3180s"))
        _ = enforcement.tick(nowMilliseconds: 10 * twoHours)
        #expect(enforcement.learnedName(device: SamplePolicies.camera, address: address) == nil)
    }

    @Test("a name asked again costs the kernel nothing while its addresses have long enough to live")
    func asksAgain() throws {
        var enforcement = enforcement
        func ask(_ milliseconds: UInt64) -> ByteString {
            enforcement.learn(
                device: SamplePolicies.camera,
                name: name,
                addresses: [address],
                seconds: 300,
                nowMilliseconds: milliseconds
            )
        }
        for milliseconds in [1, 150_000, 300_000] as [UInt64] { #expect(ask(milliseconds) == "") }
        let again = ask(300_001).text
        #expect(again.contains("delete element") && again.contains("timeout 600s"))
        #expect(ask(600_001) == "")
        // For so long the device may be told the same again: then it has 300 s left in the kernel.
        func openUntil(_ asked: DomainName) -> UInt64 {
            enforcement.openUntilMilliseconds(device: SamplePolicies.camera, name: asked, addresses: [address])
        }
        #expect(openUntil(name) == 600_001)
        #expect(openUntil(try #require(DomainName("nothing.opens.this.example"))) == 0)
        // A transaction that the kernel refused entered nothing.
        enforcement.doubtLearned(nowMilliseconds: 600_002)
        #expect(!ask(600_002).isEmpty)
    }

    @Test("a learned address that somebody took out of the kernel is missed, and entered anew")
    func misses() throws {
        var enforcement = enforcement
        let whole = KernelState(listing: listing)
        #expect(enforcement.observe(whole, nowMilliseconds: 1000) == "")
        let taken = ByteString(
            utf8: listing.text.split(separator: "\n").filter { !$0.contains("198.51.100.7 . tcp") }.joined(
                separator: "\n"
            )
        )
        let missing: ByteString = "- names4 ac:cc:8e:01:02:03 . 198.51.100.7 . tcp . 443"
        #expect(enforcement.observe(KernelState(listing: taken), nowMilliseconds: 2000) == missing)
        #expect(enforcement.observe(KernelState(listing: taken), nowMilliseconds: 3000) == "", "reported once")
        #expect(enforcement.load(nowMilliseconds: 3000).text.contains("198.51.100.7 . tcp . 443 timeout 300s"))
    }

    @Test("a device that somebody let out of quarantine is missed, one whose time is over is not")
    func missesQuarantined() {
        var enforcement = enforcement
        let bare = KernelState(
            listing: ByteString(
                utf8: listing.text.replacing("\(SamplePolicies.sensor.byteString.text) timeout", with: "timeout")
            )
        )
        #expect(bare.quarantined.isEmpty)
        let revision = enforcement.revision
        #expect(enforcement.observe(bare, nowMilliseconds: 1000) == "- quarantined \(SamplePolicies.sensor.byteString)")
        #expect(enforcement.revision > revision)
        #expect(enforcement.observe(bare, nowMilliseconds: 89_000) == "")
    }

    @Test("what another hand put into the sets is told, whether it times out or not, and is not loaded again")
    func missesWhatWasAdded() {
        var enforcement = enforcement
        let stranger = "ac:cc:8e:01:02:03 . 203.0.113.9 . tcp . 22"
        func adding(_ timeout: String, to set: String = "names4") -> KernelState {
            let element = set == "names4" ? stranger : "ac:cc:8e:01:02:03"
            var lines = listing.text.components(separatedBy: "\n")
            let head = lines.firstIndex { $0.contains("set \(set) {") } ?? 0
            lines.insert("\t\telements = { \(element)\(timeout) }", at: head + 1)
            return KernelState(listing: ByteString(utf8: lines.joined(separator: "\n")))
        }
        for timeout in [" timeout 5m expires 4m58s", "", " comment \"mine\""] {
            #expect(
                enforcement.observe(adding(timeout), nowMilliseconds: 1000) == "+ names4 \(ByteString(utf8: stranger))",
                "\(timeout)"
            )
            #expect(!enforcement.load(nowMilliseconds: 1000).text.contains("203.0.113.9"))
        }
        let held = adding(" timeout 5m expires 4m58s", to: "quarantined")
        #expect(enforcement.observe(held, nowMilliseconds: 1000) == "+ quarantined ac:cc:8e:01:02:03")
        // Of an earlier process it is at the start, and stays so while it lives.
        enforcement.takeOver(adding(" timeout 5m expires 4m58s"), nowMilliseconds: 1000)
        #expect(enforcement.observe(adding(" timeout 5m expires 1m58s"), nowMilliseconds: 181_000) == "")
        #expect(enforcement.load(nowMilliseconds: 181_000).text.contains("\(stranger) timeout 118s"))
        #expect(enforcement.observe(KernelState(listing: listing), nowMilliseconds: 200_000) == "")
        #expect(enforcement.observe(adding(" timeout 5m expires 4m"), nowMilliseconds: 201_000) != "")
        enforcement.takeOver(adding(""), nowMilliseconds: 1000)
        #expect(!enforcement.load(nowMilliseconds: 1000).text.contains("203.0.113.9"), "not one without an end")
    }
}
