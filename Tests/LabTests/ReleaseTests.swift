import Foundation
import Lab
import TestSupport
import Testing

/// `release` leaves the kernel as the agent found it, however the agent ended, and however often it is called.
@Suite(
    .serialized,
    .ownThread,
    .enabled(if: Programs.hasAgent, "needs a lab, and the programs beside the tests")
)
struct ReleaseTests {
    /// All that the agent might have changed: rulesets, settings, what listens, how interfaces receive, marks of connections.
    private static func kernel(_ lab: Lab) throws -> String {
        try lab.gateway.shell(
            """
            echo '# ruleset'; nft list ruleset
            echo '# listening'; ss -Hltuwnx | grep -v '\\* *$' | sort | awk '{ print $1, $2, $5, $6 }' | grep -v '^u_' || :
            echo '# raw and packet sockets'; tail -n +2 /proc/net/packet | wc -l
            echo '# links'; ip link show
            echo '# addresses and routes'; ip address show | grep -v valid_lft; ip -4 route show table all; ip -6 route show | grep -v expires
            ip rule show
            echo '# settings'
            find /proc/sys/net -type f -perm -u=r ! -name '*random*' ! -name '*count*' ! -name stat_refresh ! -name flush \\
                ! -name stable_secret ! -name tcp_available_ulp | sort | while read -r file; do
                printf '%s: ' "$file"; tr '\\n' ' ' < "$file" 2> /dev/null || :; echo
            done
            echo '# marks'; python3 - <<'END'
            import re
            try:
                lines = open('/proc/net/nf_conntrack').read().splitlines()
            except OSError:
                lines = []
            print(sorted({re.search(r'mark=(\\d+)', line).group(1) for line in lines if 'mark=' in line}))
            END
            """,
            withinSeconds: 60
        )
    }

    private static func difference(_ before: String, _ after: String) -> String {
        let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
        return (old.filter { !new.contains($0) }.map { "- \($0)" } + new.filter { !old.contains($0) }.map { "+ \($0)" })
            .joined(separator: "\n")
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func theKernelIsAsItWasFound(signal: Int32) throws {
        let guarded = try GuardedLab()
        let (lab, agent) = (guarded.lab, guarded.agent)
        defer { lab.close() }
        // Somebody else's table, with a set, a counter and a chain at the same hook.
        try lab.gateway.run(
            ["nft", "-f", "-"],
            input: """
                table inet theirs {
                    comment "of another program"
                    set good { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.0/24 } }
                    chain forward {
                        type filter hook forward priority 10; policy accept;
                        ip saddr @good meta mark set 0x7 comment "theirs"
                    }
                }

                """
        )
        _ = try lab.lease(lab.camera, hostname: "axis", vendorClass: "udhcp 1.36.1")
        // What the kernel loads with the first rule on connections is no work of the agent's.
        try lab.gateway.shell(
            "nft add table inet warm; nft add chain inet warm c; nft add rule inet warm c ct state new"
        )
        try lab.gateway.run(["nft", "delete", "table", "inet", "warm"])
        // A connection from before the agent, which lives through it.
        let keeping = try lab.camera.start(
            [
                "/usr/bin/python3", "-u", "-c",
                "import socket, time; s = socket.create_connection(('\(LabAddress.broker)', 8883), 5); print('open'); "
                    + "time.sleep(600)",
            ],
            label: "keeping"
        )
        try keeping.wait(forOutput: "open")
        try Lab.wait(within: 20, for: "the lab's own addresses to be ready") {
            try lab.gateway.run(["ip", "-6", "address", "show", "tentative"]).isEmpty
        }
        let before = try Self.kernel(lab)

        try guarded.start()
        // It asks for its lease anew, so that the agent hears of it.
        try guarded.admitCamera()
        let transfer = try guarded.transfer()
        #expect(try !guarded.reaches(LabAddress.tracker))
        #expect(try Self.kernel(lab) != before)
        try agent.process?.send(signal: signal)
        try agent.process?.wait()
        #expect(try guarded.kernel("tables").contains("table inet gatehouse"))

        let released = try lab.gateway.run(agent.command("release"))
        #expect(released.contains("released: table inet gatehouse is gone"))
        let after = try Self.kernel(lab)
        #expect(after == before, "\(Self.difference(before, after))")
        // Nothing is held any more, and what was open stays open.
        #expect(try guarded.reaches(LabAddress.tracker))
        try guarded.waitForBeats(of: transfer)
        let again = try lab.gateway.run(agent.command("release"))
        #expect(again.contains("no rules of Gatehouse are in the kernel"))
        let twice = try Self.kernel(lab)
        #expect(twice == before, "\(Self.difference(before, twice))")
    }
}
