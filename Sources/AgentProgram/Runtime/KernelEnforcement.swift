import AgentCore
import NFTables
import NetworkTypes
import Policy

/// Brings `Enforcement` into the kernel, and reads back what is there.
final class KernelEnforcement {
    /// Most bytes of small commands in one transaction.
    static let maximumCommandBytes = 512 << 10

    var state: Enforcement
    /// What this kernel has of what the agent makes use of.
    var findings: KernelFindings
    /// Whether devices share a bridge of the gateway, held or not.
    private(set) var hasBridge: Bool
    private let kernel: NFTablesContext
    private let log: Log
    /// Canonical hash of what was last found to be committed whole.
    private var appliedHash: ByteString = ""
    /// The state's revision that was last committed. To render and hash it is left to the proof: with many devices that takes
    /// longer than the commit, and a crowd that comes at once would keep DNS waiting.
    private var appliedRevision: UInt64?
    /// Transactions that the kernel refused.
    private(set) var refusedCount: UInt64 = 0
    /// Transactions committed.
    private(set) var committedCount: UInt64 = 0

    init(settings: EnforcementSettings, log: Log) throws(Failure) {
        self.log = log
        hasBridge = settings.holdsNeighbours
        do throws(NFTablesError) {
            kernel = try NFTablesContext()
            let found = try kernel.listTable(KernelEnforcement.table) ?? ""
            let earlier = KernelState(listing: found)
            findings = KernelProbe.find(kernel)
            var settings = settings
            settings.holdsNeighbours = settings.holdsNeighbours && !findings.lacks(.bridgeTables)
            settings.tracksNeighbours = settings.holdsNeighbours && !findings.lacks(.bridgeTracking)
            state = Enforcement(settings: settings, lastEpoch: earlier.epoch)
            self.earlier = earlier
        } catch {
            throw Failure(error.isNotPermitted ? .notAllowed : .failed, "nftables: \(error.message)")
        }
    }

    /// An interface of devices turned out to be a bridge: what passes between its ports is held from now on too.
    func holdNeighbours(nowMilliseconds: UInt64) {
        hasBridge = true
        guard !state.settings.holdsNeighbours, !findings.lacks(.bridgeTables) else { return }
        state.holdNeighbours(isTracked: !findings.lacks(.bridgeTracking))
        if state.bundle != nil { _ = load(nowMilliseconds: nowMilliseconds) }
    }

    /// The name of all tables, in whatever family.
    static let tableName: ByteString = "gatehouse"
    static let table: ByteString = "inet gatehouse"
    /// Every table the agent ever makes.
    static let tables: [ByteString] = [table, "bridge gatehouse"]

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
            appliedRevision = state.revision
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
            appliedRevision = state.revision
            return nil
        } catch {
            refusedCount += 1
            state.doubtLearned(nowMilliseconds: nowMilliseconds)
            log.error("the kernel refused the ruleset: \(error.message)")
            return error.message
        }
    }

    /// What is asked, what was committed, what the kernel lists.
    struct Proof {
        var desiredHash: ByteString = ""
        var appliedHash: ByteString = ""
        var kernelHash: ByteString = ""
        var difference: ByteString = ""
        var isProved = false
    }

    /// Reads the kernel's tables back and compares.
    ///
    /// - Parameter isWhole: with what devices have learned. What connections keep in the kernel's sets is kept here too then.
    func prove(isWhole: Bool, nowMilliseconds: UInt64) -> Proof {
        var proof = Proof()
        let asked = CanonicalRuleset(state.desired)
        if state.bundle != nil { proof.desiredHash = asked.hash }
        if appliedRevision == state.revision { appliedHash = proof.desiredHash }
        proof.appliedHash = appliedHash
        do throws(NFTablesError) {
            // With the times that elements have left: the canonical form leaves them out.
            var listing: ByteString?
            var absent: ByteString = ""
            for table in state.tables {
                guard let text = try kernel.listTable(table, options: isWhole ? [] : .terse) else {
                    if absent.isEmpty { absent = "table \(table) is not in the kernel" }
                    continue
                }
                listing = "\(listing ?? "")\(text)"
                guard !isWhole else { continue }
                for set in CanonicalRuleset.permanentSets(text) {
                    let name: ByteString = "\(table) \(set.name)"
                    guard let elements = try set.isMap ? kernel.listMap(name) : kernel.listSet(name) else { continue }
                    listing?.append(elements)
                }
            }
            if let listing {
                var changed = ByteString()
                if isWhole { changed = state.observe(KernelState(listing: listing), nowMilliseconds: nowMilliseconds) }
                let found = CanonicalRuleset(listing)
                proof.kernelHash = found.hash
                proof.difference = CanonicalRuleset.difference(asked: asked, found: found)
                if proof.difference.isEmpty, state.bundle != nil { proof.difference = changed }
            }
            if state.bundle != nil, !absent.isEmpty { proof.difference = absent }
        } catch {
            proof.difference = "cannot be read back: \(error.message)"
        }
        proof.isProved =
            proof.desiredHash == proof.kernelHash && proof.desiredHash == proof.appliedHash && proof.difference.isEmpty
        return proof
    }
}
