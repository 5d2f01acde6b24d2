import NetworkTypes
import Policy
import TestSupport
import Testing

@testable import AgentCore

/// Two devices of one bridge: what passes between them never meets the gateway's routing, and is held all the same.
@Suite(.ownThread, .enabled(if: Namespace.isAvailable, "needs network namespaces with nftables"))
struct BridgeTrafficTests {
    /// Bridged packets pass the chains of the family inet as well where the kernel is told so (br_netfilter).
    @Test("devices of one bridge reach one another where a rule allows it, and answer", arguments: ["0", "1"])
    func holdsNeighbours(_ bridgeNetfilter: String) throws {
        var settings = TrafficScript.settings
        settings.holdsNeighbours = true
        var cameras = Allowlist(name: "cameras")
        cameras.allow = [
            AllowRule(
                to: .prefix(try SamplePolicies.prefix("10.9.0.3")),
                ports: [SamplePolicies.tcp(554), SamplePolicies.udp(5000, 5010)]
            ),
            AllowRule(to: .prefix(try SamplePolicies.prefix("fd09::3")), ports: [SamplePolicies.tcp(80)]),
        ]
        var bundle = PolicyBundle()
        bundle.allowlists = [cameras]
        var enforcement = Enforcement(settings: settings)
        enforcement.adopt(bundle, devices: TrafficScript.devices())
        let load = enforcement.load(nowMilliseconds: 0)
        let quarantine = enforcement.quarantine(TrafficScript.sensor, seconds: 60, nowMilliseconds: 0)
        let release = enforcement.release(TrafficScript.sensor)
        let turned = enforcement.turnEpoch()
        let gone = enforcement.letGo(TrafficScript.camera)
        let back = enforcement.hold(TrafficScript.devices(cameraPolicy: nil)[0])
        let (outcome, failures) = TrafficScript.run(
            [load, quarantine, release, gone, back, turned],
            BridgeTrackingTests.prelude(bridgeNetfilter) + "\n" + #"""
                for port in [80]:
                    with inside("sensor"):
                        s = socket.socket(); s.bind(("10.9.0.3", port)); s.listen(8); servers.append(s)
                        s = socket.socket(socket.AF_INET6); s.bind(("fd09::3", port)); s.listen(8); servers.append(s)
                with inside("sensor"):
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.9.0.3", 53)); servers.append(s)
                threading.Thread(target=serve, daemon=True).start()
                check("before: neighbours", passes(tcp("camera", "10.9.0.3", 23)))
                apply(0)
                check("allowed", passes(tcp("camera", "10.9.0.3", 554)))
                # The first that goes by IPv6: the two have to find one another.
                check("allowed, IPv6", passes(tcp("camera", "fd09::3", 80)))
                live = tcp("camera", "10.9.0.3", 554)
                check("a live one", passes(live)); peer = accepted[-1]
                check("allowed, UDP", udp("camera", "10.9.0.3", 5005))
                check("another port", tcp("camera", "10.9.0.3", 23, 1) == "silence")
                check("another port, UDP", not udp("camera", "10.9.0.3", 53))
                check("IPv6", tcp("camera", "fd09::3", 554, 1) == "silence")
                check("the other way round", tcp("sensor", "10.9.0.2", 80, 1) == "silence")
                check("the gateway reaches both", isinstance(tcp("gateway", "10.9.0.3", 23), socket.socket))
                check("counted", "packets 0" not in nft("list counter bridge gatehouse bridge_count_cameras"))
                # A turn of the epoch is nothing to what is judged packet by packet, whoever speaks first.
                apply(5); peer.send(b"news"); live.settimeout(3)
                check("an answer after the epoch turned", live.recv(100) == b"news" and echoes(live))
                apply(1)
                check("not while it is in quarantine", tcp("camera", "10.9.0.3", 554, 1) == "silence")
                apply(2)
                check("released", passes(tcp("camera", "10.9.0.3", 554)))
                apply(3); apply(4)
                check("under no policy", tcp("camera", "10.9.0.3", 554, 1) == "silence")
                """#
        )
        #expect(outcome.status == 0 && failures.isEmpty, "\(failures)\n\(outcome.output)\n\(outcome.errors)")
    }
}
