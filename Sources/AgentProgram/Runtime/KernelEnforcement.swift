import AgentCore
import NFTables
import NetworkTypes
import Policy

/// Brings `Enforcement` into the kernel, and reads back what is there.
final class KernelEnforcement {
    /// Most bytes of small commands in one transaction.
    static let maximumCommandBytes = 512 << 10

    var state: Enforcement
    private let kernel: NFTablesContext
    private let log: Log
    /// Canonical hash of what was last committed.
    private(set) var appliedHash: ByteString = ""
    /// The state's revision that `appliedHash` was computed for: a learned name changes nothing that is proved.
    private var appliedRevision: UInt64?
    private var isWithoutBridgeTables = false
    /// Transactions that the kernel refused.
    private(set) var refusedCount: UInt64 = 0
    /// Transactions committed.
    private(set) var committedCount: UInt64 = 0

    init(settings: EnforcementSettings, log: Log) throws(Failure) {
        self.log = log
        do throws(NFTablesError) {
            kernel = try NFTablesContext()
            let found = try kernel.listTable(KernelEnforcement.table) ?? ""
            let earlier = KernelState(listing: found)
            var settings = settings
            if settings.holdsNeighbours, !KernelEnforcement.hasBridgeTables(kernel) {
                log.warning(KernelEnforcement.noBridgeTables)
                settings.holdsNeighbours = false
                isWithoutBridgeTables = true
            }
            state = Enforcement(settings: settings, lastEpoch: earlier.epoch)
            self.earlier = earlier
        } catch {
            throw Failure(error.isNotPermitted ? .notAllowed : .failed, "nftables: \(error.message)")
        }
    }

    /// An interface of devices turned out to be a bridge: what passes between its ports is held from now on too.
    func holdNeighbours(nowMilliseconds: UInt64) {
        guard !state.settings.holdsNeighbours, !isWithoutBridgeTables else { return }
        isWithoutBridgeTables = !KernelEnforcement.hasBridgeTables(kernel)
        guard !isWithoutBridgeTables else {
            log.warning(KernelEnforcement.noBridgeTables)
            return
        }
        state.holdNeighbours()
        if state.bundle != nil { _ = load(nowMilliseconds: nowMilliseconds) }
    }

    private static let noBridgeTables: ByteString =
        "this kernel has no nftables for bridges: devices of one bridge are not held to their policies"

    static let table: ByteString = "inet gatehouse"
    /// Every table the agent ever makes.
    static let tables: [ByteString] = [table, "bridge gatehouse"]

    private static func hasBridgeTables(_ kernel: NFTablesContext) -> Bool {
        do throws(NFTablesError) {
            // The family's own module for `meta` may be missing too (net/bridge/netfilter/nft_meta_bridge.c).
            _ = try kernel.run(
                """
                table bridge gatehouse_probe {
                \tchain c {
                \t\tmeta l4proto tcp log group 1 accept
                \t}
                }
                delete table bridge gatehouse_probe

                """
            )
            return true
        } catch {
            return false
        }
    }

    /// What an earlier run left in the kernel.
    let earlier: KernelState

    /// Runs small commands; where the kernel refuses them, the whole table is loaded anew. True if the kernel now holds
    /// what is asked.
    @discardableResult
    func run(_ commands: ByteString, nowMilliseconds: UInt64) -> Bool {
        guard !commands.isEmpty else { return true }
        do throws(NFTablesError) {
            _ = try kernel.run(commands)
            committedCount += 1
            noteApplied()
            return true
        } catch {
            refusedCount += 1
            log.warning("the kernel refused a change, loading the whole ruleset: \(error.message)")
            return load(nowMilliseconds: nowMilliseconds) == nil
        }
    }

    /// Loads the whole table in one transaction; the kernel's words where it refuses, and then nothing has changed.
    func load(nowMilliseconds: UInt64) -> ByteString? {
        do throws(NFTablesError) {
            _ = try kernel.run(state.load(nowMilliseconds: nowMilliseconds))
            committedCount += 1
            noteApplied()
            return nil
        } catch {
            refusedCount += 1
            state.doubtLearned(nowMilliseconds: nowMilliseconds)
            log.error("the kernel refused the ruleset: \(error.message)")
            return error.message
        }
    }

    private func noteApplied() {
        guard appliedRevision != state.revision else { return }
        appliedRevision = state.revision
        appliedHash = state.bundle == nil ? "" : CanonicalRuleset(state.desired).hash
    }

    /// What is asked, what was committed, what the kernel lists.
    struct Proof {
        var desiredHash: ByteString = ""
        var appliedHash: ByteString = ""
        var kernelHash: ByteString = ""
        var difference: ByteString = ""
        var isProved = false
    }

    /// Reads the kernel's table back and compares. What connections keep in the kernel's sets is kept here too.
    func prove(nowMilliseconds: UInt64) -> Proof {
        var proof = Proof()
        let asked = CanonicalRuleset(state.desired)
        proof.appliedHash = appliedHash
        if state.bundle != nil { proof.desiredHash = asked.hash }
        do throws(NFTablesError) {
            // With the times that elements have left: the canonical form leaves them out.
            var listing: ByteString?
            for table in state.tables {
                guard let text = try kernel.listTable(table) else { continue }
                listing = "\(listing ?? "")\(text)"
            }
            if let listing {
                let missing = state.observe(KernelState(listing: listing), nowMilliseconds: nowMilliseconds)
                let found = CanonicalRuleset(listing)
                proof.kernelHash = found.hash
                proof.difference = CanonicalRuleset.difference(asked: asked, found: found)
                if proof.difference.isEmpty, missing > 0, state.bundle != nil {
                    proof.difference = "learned addresses were taken out of the sets: \(missing)"
                }
            } else if state.bundle != nil {
                proof.difference = "the table is not in the kernel"
            }
        } catch {
            proof.difference = "cannot be read back: \(error.message)"
        }
        proof.isProved =
            proof.desiredHash == proof.kernelHash && proof.desiredHash == proof.appliedHash && proof.difference.isEmpty
        return proof
    }
}
