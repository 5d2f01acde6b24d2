import AgentCore
import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

extension AgentRuntime {
    /// Opens everything that is listened to.
    func open() throws(Failure) {
        do throws(SystemError) {
            try timer.arm(
                afterMilliseconds: AgentRuntime.tickMilliseconds,
                everyMilliseconds: AgentRuntime.tickMilliseconds
            )
            try loop.add(timer.descriptor, token: Token.timer, interest: .readable)
            try loop.add(signals.descriptor, token: Token.signals, interest: .readable)
            try openControl()
            try openCapture()
            let buses = try DeviceEventSource()
            try loop.add(buses.descriptor, token: Token.localBuses, interest: .readable)
            localBuses = buses
        } catch {
            throw Failure(error)
        }
        try openEnforcement()
        flowRecorder.open(runtime: self)
        sayWhatIsLacking()
        loadCredentials()
        openConfiguredBlocklists()
        restoreFiles()
    }

    /// What the kernel lacks is said at each start, whether a policy asks for it or not.
    private func sayWhatIsLacking() {
        guard let enforcement else { return }
        if flowRecorder.isBlind { enforcement.findings[.connectionTable] = .absent(flowRecorder.problem) }
        for capability in enforcement.findings.absent where capability.isWorthSaying(enforcement.hasBridge) {
            log.warning("the kernel lacks \(capability.name) (\(capability.module)): \(capability.consequence)")
        }
    }

    private func openEnforcement() throws(Failure) {
        guard configuration.enforcement.isEnabled else { return }
        var settings = EnforcementSettings(
            deviceInterfaces: configuration.deviceInterfaces,
            dnsPort: configuration.dns.port,
            noticePort: configuration.notice.port,
            logGroup: AgentRuntime.logGroup,
            holdsNeighbours: configuration.deviceInterfaces.contains {
                FileSystem.exists("/sys/class/net/\($0)/bridge")
            },
            floods: agent.settings.floods,
            breakGlass: configuration.enforcement.breakGlass
        )
        settings.deadSeconds = configuration.dns.failAfterSeconds
        settings.resolvers = DNSService.plainResolvers(configuration.dns)
        enforcement = try KernelEnforcement(settings: settings, log: log)
        do throws(SystemError) {
            let group = try NetfilterLog(group: AgentRuntime.logGroup)
            try loop.add(group.descriptor, token: Token.packetLog, interest: .readable)
            packetLog = group
            let monitor = try RulesetMonitor(table: KernelEnforcement.tableName)
            try loop.add(monitor.descriptor, token: Token.rulesetMonitor, interest: .readable)
            rulesetMonitor = monitor
            dns = try DNSService(configuration: configuration, loop: loop)
            notice = try NoticeService(configuration: configuration.notice, loop: loop)
        } catch {
            throw Failure(error)
        }
    }

    /// The gateway's certificate; without one the agent works, and keeps its reports.
    func loadCredentials() {
        guard FileSystem.exists(state.enrolment) else { return }
        do throws(Failure) {
            let bytes = try state.read(state.enrolment, limit: StateDirectory.maximumCredentialBytes)
            let authorities = try state.read(state.authority, limit: StateDirectory.maximumCredentialBytes)
            let pair = try state.read(state.credentials, limit: StateDirectory.maximumCredentialBytes)
            do throws(DecodeError) { record = try EnrolmentRecord(decoding: bytes) } catch {
                throw Failure(.badData, "the enrolment record is damaged; enrol anew with gatehouse-agent enroll")
            }
            do throws(TLSError) {
                adopt(try Credentials(pem: ByteString(pair), authorities: ByteString(authorities)))
            } catch {
                throw Failure(error)
            }
        } catch {
            log.error(error.message)
        }
        removePending()
        restoreAddresses()
    }

    /// What an earlier run left: devices, names, the policy in force, quarantine. The kernel's sets are not flushed: they
    /// are replaced, in one transaction, by the same state.
    func restore() {
        let now = now
        if FileSystem.exists(state.devices) {
            do throws(Failure) {
                let bytes = try state.read(state.devices, limit: StateDirectory.maximumDevicesBytes)
                do throws(DecodeError) {
                    for report in try DeviceMemory.decode(bytes) { agent.remember(report, now: now) }
                } catch {
                    log.error("what was known of devices is damaged and was left out; they will be seen again")
                }
            } catch {
                log.error(error.message)
            }
        }
        flowRecorder.restore(runtime: self)
        if let enforcement {
            for (device, seconds) in enforcement.earlier.quarantined {
                agent.restoreQuarantine(device, seconds: seconds, now: now)
                _ = enforcement.state.quarantine(
                    device,
                    seconds: seconds,
                    nowMilliseconds: now.monotonicMilliseconds
                )
            }
        }
        protect()
        restorePolicy()
        recoverTrial()
        readLocalTree()
        proofDueMilliseconds = now.monotonicMilliseconds
    }

    private func restorePolicy() {
        guard FileSystem.exists(state.policy) else { return }
        do throws(Failure) {
            let bytes = try state.read(state.policy, limit: StateDirectory.maximumPolicyBytes)
            let bundle: PolicyBundle
            do throws(DecodeError) {
                let parsed = try PolicyEnvelope(decoding: bytes)
                do throws(PolicyRefusal) {
                    bundle = try parsed.verified(by: Ed25519.verify, trustedKeys: trustedKeys)
                } catch {
                    throw DecodeError(.unsupported, at: 0)
                }
            } catch {
                throw Failure(.badData, "the policy on disk is damaged or not signed by a trusted key; it was left out")
            }
            restoreNames()
            if let enforcement {
                enforcement.state.takeOver(enforcement.earlier, nowMilliseconds: now.monotonicMilliseconds)
            }
            standing = StandingPolicy(bundle: bundle, hash: ByteString(Cryptography.sha256(bytes)))
            if let problem = lacking(bundle) { log.error("the policy in force cannot be held: \(problem)") }
            // A kernel that refuses has said so in the log, and is asked again with each proof.
            _ = enact(bundle, hash: standing.hash)
        } catch {
            log.error(error.message)
            var incident = IncidentReport()
            incident.kind = "drift"
            incident.summary = error.message
            report(.critical, .incident(incident))
        }
    }

    private func restoreNames() {
        guard let enforcement, FileSystem.exists(state.names) else { return }
        do throws(Failure) {
            let bytes = try state.read(state.names, limit: StateDirectory.maximumDevicesBytes)
            do throws(DecodeError) { try NameMemory.restore(bytes, into: &enforcement.state, now: now) } catch {
                log.error("the names that devices had asked are damaged and were left out; they will be asked again")
            }
        } catch {
            log.error(error.message)
        }
    }
}
