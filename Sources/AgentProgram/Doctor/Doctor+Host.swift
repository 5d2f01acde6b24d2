import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS

extension Doctor {
    /// CAP_NET_ADMIN and CAP_NET_RAW of linux/capability.h.
    private static let rights: [(bit: UInt64, name: ByteString)] = [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW")]

    mutating func checkRights() {
        var user: ByteString = "?"
        var effective: UInt64 = 0
        for line in (Doctor.read("/proc/self/status") ?? "").split(0x0A) {
            let words = line.split(0x09)
            guard words.count > 1 else { continue }
            if words[0] == "Uid:" { user = words[1] }
            guard words[0] == "CapEff:" else { continue }
            for digit in words[1].trimmed.bytes {
                effective = effective << 4 | UInt64(Hexadecimal.value(digit) ?? 0)
            }
        }
        let missing = Doctor.rights.filter { effective & (1 << $0.bit) == 0 }
        guard let first = missing.first else {
            say(.good, "rights", "user \(user) has CAP_NET_ADMIN and CAP_NET_RAW")
            return
        }
        let names = missing.count > 1 ? "CAP_NET_ADMIN and CAP_NET_RAW" : first.name
        say(.wanting, "rights", "user \(user) has not \(names); run it as root, or by the unit of agent-config")
    }

    mutating func checkState() {
        guard FileSystem.exists(state.path) else {
            say(.wanting, "state-directory", "\(state.path) is not there; gatehouse-agent enroll makes it")
            return
        }
        do throws(SystemError) { _ = try LockFile(state.lock) } catch { isRunning = LockFile.isHeldByAnother(error) }
        let trial: ByteString = "\(state.path)/doctor"
        do throws(SystemError) {
            try FileSystem.writeAtomically([0x0A], to: trial, mode: 0o600)
            try FileSystem.remove(trial)
            say(
                .good,
                "state-directory",
                "\(state.path) can be written\(isRunning ? "; an agent runs with it" : "" as ByteString)"
            )
        } catch {
            say(.wanting, "state-directory", error.byteString)
        }
        do throws(SystemError) {
            let free = try FileSystem.freeBytes(state.path)
            let spool = configuration.spoolMaximumBytes
            let isScarce = free < spool
            say(
                isScarce ? .wanting : .good,
                "disk",
                """
                \(free >> 20) MiB free\
                \(isScarce ? ", and spool.maximumBytes is \(spool >> 20) MiB: make room, or lower it" : "" as ByteString)
                """
            )
        } catch {
            say(.notAsked, "disk", error.byteString)
        }
        checkClock()
    }

    private mutating func checkClock() {
        let wall = SystemClock.wallMilliseconds()
        do throws(SystemError) {
            let floor = (try state.timeFloor.read() ?? 0) &* 1000
            if wall < floor {
                say(
                    .wanting,
                    "clock",
                    """
                    \(Text.time(wall)) is before \(Text.time(floor)), the latest time this gateway has known; the agent goes \
                    by that until its collector tells the time: set the clock, or see to its battery and NTP
                    """
                )
            } else if wall < Doctor.earliestMilliseconds {
                say(.wanting, "clock", "\(Text.time(wall)); a gateway cannot enrol before its clock is right")
            } else {
                say(.good, "clock", Text.time(wall))
            }
        } catch {
            say(.wanting, "clock", error.byteString)
        }
    }

    /// The beginning of 2024: no gateway is older than the agent.
    private static let earliestMilliseconds: UInt64 = 1_704_067_200_000

    mutating func checkFiles() {
        if (Doctor.read("/etc/protocols", limit: 1 << 20) ?? "").split(0x0A).contains(where: { $0.hasPrefix("tcp") }) {
            say(.good, "protocols", "/etc/protocols names tcp")
        } else {
            say(
                .wanting,
                "protocols",
                "/etc/protocols is not there or names no tcp: no policy can be proved; apt install netbase"
            )
        }
        do throws(Failure) {
            let pushed = state.signedFile(.knowledge)
            let path = FileSystem.exists(pushed) ? pushed : configuration.knowledgeFile
            // One that was pushed is behind its envelope, and is checked when the agent starts.
            if path == configuration.knowledgeFile { _ = try KnowledgeFile.open(path) }
            say(.good, "knowledge", path)
        } catch {
            say(.wanting, "knowledge", error.message)
        }
        guard !FileSystem.exists(state.signedFile(.blocklist)) else {
            say(.good, "blocklists", state.signedFile(.blocklist))
            return
        }
        guard let path = configuration.dns.blocklistFile else { return }
        do throws(Failure) {
            _ = try BlocklistFile.open(path)
            say(.good, "blocklists", path)
        } catch {
            say(.wanting, "blocklists", error.message)
        }
    }

    mutating func checkCredentials() {
        guard FileSystem.exists(state.enrolment) else {
            say(.wanting, "certificate", "not enrolled; gatehouse-agent enroll --token-file FILE")
            return
        }
        do throws(Failure) {
            let authorities = try state.read(state.authority, limit: StateDirectory.maximumCredentialBytes)
            let pair = try state.read(state.credentials, limit: StateDirectory.maximumCredentialBytes)
            do throws(TLSError) {
                let credentials = try Credentials(pem: ByteString(pair), authorities: ByteString(authorities))
                let end = credentials.validity.notAfterMilliseconds
                if end <= SystemClock.wallMilliseconds() {
                    say(.wanting, "certificate", "ended \(Text.time(end)); \(AgentRuntime.expiredAdvice)")
                } else {
                    say(.good, "certificate", "until \(Text.time(end))")
                }
            } catch {
                throw Failure(error)
            }
        } catch {
            say(.wanting, "certificate", error.message)
        }
    }
}
