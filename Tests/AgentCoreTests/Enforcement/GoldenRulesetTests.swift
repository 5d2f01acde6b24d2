import NetworkTypes
import Testing

@testable import AgentCore

/// The chains that decide, word by word, for `SamplePolicies.everything`: a change of theirs is seen in review.
///
/// Rendered here; nft 1.0.6 on Linux 6.18 (amd64) and on Debian 12's 6.1 (arm64, emulated) listed the same text.
/// Those of the notice page, the dead agent and the limit of bytes were listed on 6.18 alone.
@Suite struct GoldenRulesetTests {
    @Test("the rendered chains are the ones that were agreed on")
    func rendersGoldenChains() throws {
        var enforcement = Enforcement(settings: SamplePolicies.settings)
        enforcement.adopt(try SamplePolicies.everything(), devices: SamplePolicies.devices())
        let rendered = enforcement.desired.text
        for chain in GoldenRulesetTests.golden.split(separator: "\n\t}").map({ $0 + "\n\t}\n" }) {
            let text = chain.first == "\n" ? String(chain.dropFirst()) : String(chain)
            #expect(rendered.contains(text), "\(text)")
        }
    }

    static let golden = #"""
        	chain redirect_dns {
        		type nat hook prerouting priority dstnat; policy accept;
        		iifname @interfaces ether saddr @dns_open meta nfproto ipv4 meta l4proto { tcp, udp } th dport 53 th dport != @dns_alive dnat ip to 192.0.2.53 comment "the agent is dead"
        		iifname @interfaces ether saddr @dns_open meta nfproto ipv6 meta l4proto { tcp, udp } th dport 53 th dport != @dns_alive dnat ip6 to 2001:db8::53 comment "the agent is dead"
        		iifname @interfaces meta l4proto { tcp, udp } th dport 53 redirect to :10053 comment "DNS is answered by the agent"
        		iifname @interfaces ether saddr @notified tcp dport 80 fib daddr type local redirect to :10080 comment "why a name was refused"
        	}
        	chain forward {
        		type filter hook forward priority filter - 5; policy accept;
        		iifname @interfaces ether saddr vmap @metered
        		jump established
        		iifname @interfaces goto from_device
        		oifname @interfaces goto to_device
        	}
        	chain from_device {
        		jump aged
        		ether saddr @quarantined goto refuse_quarantined_all
        		ip daddr @blocked4 goto refuse_blocked_all
        		ip6 daddr @blocked6 goto refuse_blocked_all
        		ether saddr vmap @policies
        		goto policy_unknown
        	}
        	chain to_device {
        		jump answers
        		ct mark & 0x003fff00 == 0x003fff00 meta l4proto tcp reject with tcp reset
        		ct mark & 0x003fff00 == 0x003fff00 drop
        		ct state related meta l4proto { icmp, ipv6-icmp } accept
        		ct state established,related ct direction reply meta l4proto tcp accept
        		ct state established,related ct direction reply drop
        		ip daddr @watched4 goto refuse_inbound_watched
        		ip6 daddr @watched6 goto refuse_inbound_watched
        		goto refuse_inbound_all
        	}
        	chain policy_cameras {
        		ether saddr . ip saddr != @bound4 goto refuse_spoofed_cameras
        		ether saddr . ip6 saddr != @bound6 goto refuse_spoofed_cameras
        		tcp flags syn / fin,syn,rst,ack update @meter_syn-flood { ether saddr limit rate over 100/second burst 200 packets } goto refuse_syn-flood_all
        		meta l4proto { icmp, ipv6-icmp } update @meter_icmp-flood { ether saddr limit rate over 100/second burst 200 packets } goto refuse_icmp-flood_all
        		ct state new tcp flags != syn / fin,syn,rst,ack goto refuse_no-connection_cameras
        		ct state new update @meter_new_cameras { ether saddr limit rate over 20/second burst 20 packets } goto refuse_connection-rate_cameras
        		ct state new add @meter_open_cameras { ether saddr ct count over 200 } goto refuse_connection-count_cameras
        		meta l4proto { tcp, udp } th dport 853 goto refuse_encrypted-dns_cameras
        		ether saddr . ip daddr . meta l4proto . th sport . th dport @cut4 update @cut4 { ether saddr . ip daddr . meta l4proto . th sport . th dport timeout 5m } goto refuse_server-name_cameras
        		ether saddr . ip6 daddr . meta l4proto . th sport . th dport @cut6 update @cut6 { ether saddr . ip6 daddr . meta l4proto . th sport . th dport timeout 5m } goto refuse_server-name_cameras
        		ether saddr . ip daddr . meta l4proto . th dport @names4 update @names4 { ether saddr . ip daddr . meta l4proto . th dport timeout 1h } goto accept_flow comment "cameras: names"
        		ether saddr . ip6 daddr . meta l4proto . th dport @names6 update @names6 { ether saddr . ip6 daddr . meta l4proto . th dport timeout 1h } goto accept_flow comment "cameras: names"
        		ip daddr 10.20.0.5 tcp dport 554 goto accept_flow comment "cameras/2"
        		ip daddr 10.20.0.5 udp dport 5000-5010 goto accept_flow comment "cameras/2"
        		ip daddr 10.32.0.0/20 meta l4proto { icmp, tcp, udp } goto accept_flow comment "cameras/3"
        		ip6 daddr 2001:db8::/64 tcp dport { 80, 443, 8000-8010 } goto accept_flow comment "cameras/4"
        		ip version 4 meta l4proto icmp goto accept_flow comment "cameras/5"
        		ip6 version 6 udp dport 123 goto accept_flow comment "cameras/6"
        		ether saddr . ip daddr @wide_cameras_8_4 udp dport 49152-65535 update @wide_cameras_8_4 { ether saddr . ip daddr timeout 1h } goto accept_flow comment "cameras/8"
        		ether saddr . ip6 daddr @wide_cameras_8_6 udp dport 49152-65535 update @wide_cameras_8_6 { ether saddr . ip6 daddr timeout 1h } goto accept_flow comment "cameras/8"
        		ether saddr . ip daddr @wide_cameras_9_4 meta l4proto { icmp, tcp, udp } update @wide_cameras_9_4 { ether saddr . ip daddr timeout 1h } goto accept_flow comment "cameras/9"
        		ether saddr . ip6 daddr @wide_cameras_9_6 meta l4proto { tcp, udp, ipv6-icmp } update @wide_cameras_9_6 { ether saddr . ip6 daddr timeout 1h } goto accept_flow comment "cameras/9"
        		ct state established,related goto refuse_withdrawn_cameras
        		goto refuse_not-allowed_cameras
        	}
        	chain gateway_cameras {
        		ether saddr . ip saddr != @bound4 goto refuse_spoofed_cameras
        		ether saddr . ip6 saddr != @bound6 goto refuse_spoofed_cameras
        		tcp flags syn / fin,syn,rst,ack update @meter_syn-flood { ether saddr limit rate over 100/second burst 200 packets } goto refuse_syn-flood_all
        		meta l4proto { tcp, udp } th dport 10053 update @meter_dns-flood { ether saddr limit rate over 500/second burst 1000 packets } goto refuse_dns-flood_all
        		ct status dnat th dport 10053 goto accept_flow
        		tcp dport 80 goto accept_flow comment "cameras/7"
        		udp dport 123 goto accept_flow comment "cameras/7"
        		meta pkttype != host drop
        		goto refuse_not-allowed_cameras
        	}
        	chain gateway_noticed {
        		ether saddr . ip saddr != @bound4 goto refuse_spoofed_noticed
        		ether saddr . ip6 saddr != @bound6 goto refuse_spoofed_noticed
        		tcp flags syn / fin,syn,rst,ack update @meter_syn-flood { ether saddr limit rate over 100/second burst 200 packets } goto refuse_syn-flood_all
        		meta l4proto { tcp, udp } th dport 10053 update @meter_dns-flood { ether saddr limit rate over 500/second burst 1000 packets } goto refuse_dns-flood_all
        		ct status dnat th dport 10053 goto accept_flow
        		ct status dnat tcp dport 10080 goto accept_flow
        		udp dport 123 goto accept_flow comment "noticed/1"
        		meta pkttype != host drop
        		tcp dport 443 reject with tcp reset
        		udp dport 443 reject with icmpx admin-prohibited
        		goto refuse_not-allowed_noticed
        	}
        	chain refuse_withdrawn_cameras {
        		counter name "count_withdrawn_cameras"
        		tcp flags syn / fin,syn,rst,ack update @log_syn { ether saddr limit rate 100/second burst 200 packets } log prefix "gh1|drop|withdrawn|cameras" group 77 snaplen 128
        		tcp flags != syn / fin,syn,rst,ack update @log_any { ether saddr limit rate 10/second burst 20 packets } log prefix "gh1|drop|withdrawn|cameras" group 77 snaplen 128
        		meta l4proto != tcp update @log_any { ether saddr limit rate 10/second burst 20 packets } log prefix "gh1|drop|withdrawn|cameras" group 77 snaplen 128
        		ct mark set ct mark | 0x003fff00
        		meta l4proto tcp reject with tcp reset
        		reject with icmpx admin-prohibited
        	}
        """#
}
