import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

// Files that the operator signed: offered over the uplink, fetched to the disk, used from there.
extension AgentRuntime {
    /// Takes up what was pushed last, where it is still whole and its key still trusted.
    func restoreFiles() {
        for file in pushedFiles where FileSystem.exists(file.path) {
            do throws(FileRefusal) {
                let opened = try file.open(file.path, trustedKeys: trustedKeys)
                use(opened.contents, opened.manifest, of: file)
            } catch {
                let instead: ByteString = file.usedPath.isEmpty ? "nothing" : file.usedPath
                log.error("\(file.path) is not used: \(error.detail); \(instead) is")
                say(error, of: "on the disk", file)
            }
        }
    }

    /// The file that the configuration names, which nobody signed. Without the lists the allowlists still hold: enforcement
    /// does not end with them.
    func openConfiguredBlocklists() {
        guard let path = configuration.dns.blocklistFile else { return }
        do throws(Failure) {
            let opened = try BlocklistFile.open(path)
            dns?.blocklists = opened.lists
            blocklists.hash = opened.hash
            blocklists.usedPath = path
        } catch {
            log.error(error.message)
        }
    }

    private func use(_ contents: PushedFile.Contents, _ manifest: FileManifest, of file: PushedFile) {
        file.version = manifest.version
        file.hash = manifest.fileHash
        file.issuedAtSeconds = manifest.issuedAtSeconds
        file.usedPath = file.path
        switch contents {
        case .knowledge(let base): carryOut(agent.adopt(knowledge: base, now: now))
        case .blocklists(let lists):
            dns?.blocklists = lists
            withdrawBlockedNames()
        }
    }

    /// What devices had learned of names that the lists refuse goes out of the kernel.
    func withdrawBlockedNames() {
        guard let enforcement, let lists = dns?.blocklists else { return }
        let now = SystemClock.monotonicMilliseconds()
        let commands = enforcement.state.withdraw(lists)
        guard !commands.isEmpty else { return }
        if commands.count <= KernelEnforcement.maximumCommandBytes {
            enforcement.run(commands, nowMilliseconds: now)
        } else if let refusal = enforcement.load(nowMilliseconds: now) {
            log.error("names that the blocklists refuse are still open: \(refusal)")
        }
        rememberSoon()
    }

    /// Lists that the policy in force names and this gateway does not have: none of their names is refused, so somebody is
    /// to know.
    func reportMissingBlocklists() {
        for list in agent.bundle?.blocklists ?? [] where dns?.blocklists?.count(list) == nil {
            let generation = agent.bundle?.generation ?? 0
            raise(
                "blocklist",
                """
                the policy of generation \(generation) names the blocklist \(list), which this gateway does not have: none \
                of its names is refused
                """
            )
        }
    }

    /// The collector offers a file.
    func consider(_ offer: FileOffer) {
        let file = FileKind(announcedBy: offer.envelope) == .blocklist ? blocklists : knowledge
        file.endTransfer()
        do throws(FileRefusal) {
            guard
                let manifest = try file.offers.consider(
                    offer,
                    held: file.hash,
                    seen: highestSeen(of: file),
                    trustedKeys: trustedKeys,
                    verify: Ed25519.verify
                )
            else { return }
            do throws(SystemError) {
                let replacement = try FileReplacement(of: file.path, mode: 0o600)
                try replacement.write(offer.envelope.bytes)
                file.replacement = replacement
            } catch {
                throw FileRefusal(.storage, error.byteString)
            }
            let transfer = FileTransfer(manifest, envelope: offer.envelope, now: now)
            file.transfer = transfer
            connection?.send(AgentMessage.requestFile(transfer.request).encoded())
        } catch {
            refuse(offer.envelope, error, file)
        }
    }

    private func highestSeen(of file: PushedFile) -> UInt64 {
        do throws(SystemError) { return try file.highestSeen() } catch {
            // A damaged counter must not let an old file in.
            log.error(error.byteString)
            return UInt64.max
        }
    }

    /// A part of one came.
    func take(_ chunk: FileChunk) {
        for file in pushedFiles {
            guard var transfer = file.transfer, let replacement = file.replacement else { continue }
            do throws(FileRefusal) {
                guard try transfer.take(chunk, now: now) else { continue }
                do throws(SystemError) { try replacement.write(chunk.bytes.bytes) } catch {
                    throw FileRefusal(.storage, error.byteString)
                }
                file.transfer = transfer
                if transfer.isComplete {
                    try finish(file, replacement)
                    file.endTransfer()
                } else {
                    connection?.send(AgentMessage.requestFile(transfer.request).encoded())
                }
            } catch {
                refuse(transfer.envelope, error, file)
            }
        }
    }

    /// Judges the file as it lies on the disk, and puts it into use.
    private func finish(_ file: PushedFile, _ replacement: FileReplacement) throws(FileRefusal) {
        let opened = try file.open(replacement.temporaryPath, trustedKeys: trustedKeys)
        do throws(SystemError) { try replacement.commit() } catch { throw FileRefusal(.storage, error.byteString) }
        // It is in its place; that its number is not written down is no reason against it.
        do throws(SystemError) { _ = try file.highest.raise(to: opened.manifest.version) } catch {
            log.error(error.byteString)
        }
        use(opened.contents, opened.manifest, of: file)
        log.info("\(file.kind.name) of version \(file.version) is in use")
        if file === blocklists { reportMissingBlocklists() }
        reportHealth(now)
    }

    /// Gives up what the collector does not go on with.
    func watchFileTransfers(_ now: AgentTime) {
        for file in pushedFiles where file.transfer?.isOverdue(now: now) == true {
            giveUpTransfer(of: file, "the collector sent no further part of the file")
        }
    }

    /// What was being fetched does not arrive.
    func giveUpFileTransfers(_ why: ByteString) {
        for file in pushedFiles { giveUpTransfer(of: file, why) }
    }

    private func giveUpTransfer(of file: PushedFile, _ why: ByteString) {
        guard let transfer = file.transfer else { return }
        refuse(transfer.envelope, FileRefusal(.transfer, why), file)
    }

    private func refuse(_ envelope: ByteString, _ refusal: FileRefusal, _ file: PushedFile) {
        let offered = file.transfer?.manifest.version
        file.endTransfer()
        file.offers.refuse(envelope, refusal)
        say(refusal, of: offered.map { "of version \($0)" } ?? "that was offered", file)
    }

    private func say(_ refusal: FileRefusal, of which: ByteString, _ file: PushedFile) {
        file.refusedCount += 1
        raise(file.kind.name, "\(file.kind.name) \(which) refused (\(refusal.reason.name)): \(refusal.detail)")
    }

    private func raise(_ kind: ByteString, _ summary: ByteString) {
        var incident = IncidentReport()
        incident.kind = kind
        incident.summary = summary
        incident.count = 1
        log.warning(incident.summary)
        report(.warning, .incident(incident))
    }
}
