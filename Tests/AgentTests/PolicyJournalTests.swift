import AgentCore
import Foundation
import NetworkTypes
import SystemIO
import TestSupport
import Testing

@testable import AgentProgram

/// A power cut after every step of a policy's way, and within each: the disk holds the old policy or the new one.
@Suite struct PolicyJournalTests {
    static let old: [UInt8] = Array("the old policy".utf8)

    static func candidate(_ text: String, generation: UInt64 = 8) -> PolicyJournal.Candidate {
        let envelope = Array(text.utf8)
        let tried = TriedPolicy(hash: ByteString(SHA256.hash(envelope)), orderedMilliseconds: generation * 1000)
        return PolicyJournal.Candidate(envelope: envelope, generation: generation, tried: tried)
    }

    struct Way: Sendable, CustomStringConvertible {
        let description: String
        let steps: [PolicyJournal.Step]
        let hasOld: Bool
        /// What is confirmed when all steps were done.
        let end: [UInt8]?
        /// Whether it may be tried again by itself then.
        let isMarked: Bool
    }

    static let new: [UInt8] = Array("the new policy".utf8)

    static let ways: [Way] = [true, false].flatMap { hasOld in
        [
            Way(
                description: "confirmed",
                steps: PolicyJournal.beginning + PolicyJournal.confirmation + PolicyJournal.completion,
                hasOld: hasOld,
                end: new,
                isMarked: false
            ),
            Way(
                description: "rolled back",
                steps: PolicyJournal.beginning + PolicyJournal.rollBack,
                hasOld: hasOld,
                end: hasOld ? old : nil,
                isMarked: true
            ),
            Way(
                description: "withdrawn",
                steps: PolicyJournal.beginning + PolicyJournal.withdrawal,
                hasOld: hasOld,
                end: hasOld ? old : nil,
                isMarked: false
            ),
        ]
    }

    static func journal(_ directory: URL, _ name: String, hasOld: Bool) throws -> PolicyJournal {
        let state = StateDirectory(ByteString(utf8: directory.appending(path: name).path))
        try state.create()
        if hasOld {
            try state.write(old, to: state.policy)
            _ = try state.highestGeneration.raise(to: 7)
        }
        return PolicyJournal(state: state)
    }

    static func confirmed(_ journal: PolicyJournal) throws -> [UInt8]? {
        guard FileSystem.exists(journal.state.policy) else { return nil }
        return try journal.state.read(journal.state.policy, limit: 100)
    }

    /// What a step leaves where the power goes within it: the file beside the one it is about, torn.
    static func tear(_ step: PolicyJournal.Step, _ state: StateDirectory) throws {
        let path: ByteString
        switch step {
        case .keepCandidate: path = state.pendingPolicy
        case .markTried: path = state.triedPolicy
        case .raiseGeneration: path = state.highestGeneration.path
        case .adoptCandidate, .dropCandidate, .forgetTried: return
        }
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(path.text).new"))
    }

    @Test(arguments: ways)
    func aCutAfterEveryStepEndsInTheOldPolicyOrTheNewOne(_ way: Way) async throws {
        try await TemporaryDirectory.with { directory in
            let candidate = Self.candidate("the new policy")
            for count in 0...way.steps.count {
                let journal = try Self.journal(directory, "\(way)-\(count)-\(way.hasOld)", hasOld: way.hasOld)
                try journal.take(Array(way.steps.prefix(count)), candidate)
                if count < way.steps.count { try Self.tear(way.steps[count], journal.state) }
                // The next start, from what is on the disk.
                let next = PolicyJournal(state: journal.state)
                let before = way.hasOld ? Self.old : nil
                let isNew = way.steps.prefix(count).contains(.adoptCandidate)
                let confirmed = try Self.confirmed(next)
                #expect(confirmed == (isNew ? Self.new : before), "\(way) after \(count)")
                // A generation counts as seen with the policy, also where the cut was between the two.
                if let confirmed { try next.finish(ByteString(SHA256.hash(confirmed)), generation: isNew ? 8 : 7) }
                let highest = try journal.state.highestGeneration.read()
                #expect(highest == (isNew ? 8 : way.hasOld ? 7 : nil), "\(way) after \(count)")
                #expect(!isNew || next.tried() == nil, "\(way) after \(count)")
                // What is pending was never confirmed, and is what was pushed.
                let pending = try next.interrupted()
                let isPending =
                    way.steps.prefix(count).contains(.keepCandidate) && !isNew
                    && !way.steps.prefix(count).contains(.dropCandidate)
                #expect((pending != nil) == isPending, "\(way) after \(count)")
                if let pending {
                    #expect(pending.envelope == Self.new && pending.tried.hash == candidate.tried.hash)
                    // Reported, then forgotten; the old one is in force at every later start.
                    try next.take(PolicyJournal.rollBack, pending)
                    #expect(try next.interrupted() == nil && (try Self.confirmed(next)) == before)
                }
                // Whatever was cut, the same may be begun again, and comes to its end.
                let confirmation = PolicyJournal.confirmation + PolicyJournal.completion
                try next.take(PolicyJournal.beginning + confirmation, candidate)
                #expect(try Self.confirmed(next) == Self.new)
                #expect(try journal.state.highestGeneration.read() == 8)
            }
            let journal = try Self.journal(directory, "\(way)-end-\(way.hasOld)", hasOld: way.hasOld)
            try journal.take(way.steps, candidate)
            #expect(try Self.confirmed(journal) == way.end)
            #expect(journal.tried() == (way.isMarked ? candidate.tried : nil))
        }
    }

    /// A policy that the kernel may have held is marked as tried before the kernel sees it, whatever comes after.
    @Test func nothingIsTriedWithoutAMark() {
        #expect(PolicyJournal.beginning == [.keepCandidate, .markTried])
        #expect(!PolicyJournal.rollBack.contains(.forgetTried))
        // A generation counts as seen, and a mark goes, only once the policy is there to stay.
        #expect(PolicyJournal.confirmation == [.adoptCandidate])
    }

    @Test func aNewerOneTakesThePlaceOfTheOneOnTrial() async throws {
        try await TemporaryDirectory.with { directory in
            let journal = try Self.journal(directory, "state", hasOld: true)
            let (first, second) = (Self.candidate("first"), Self.candidate("second", generation: 9))
            try journal.take(PolicyJournal.beginning, first)
            try journal.take(PolicyJournal.beginning, second)
            #expect(try journal.interrupted()?.envelope == second.envelope)
            #expect(try Self.confirmed(journal) == Self.old)
            try journal.take(PolicyJournal.rollBack, second)
            #expect(try Self.confirmed(journal) == Self.old)
            #expect(journal.tried() == second.tried)
            #expect(try journal.state.highestGeneration.read() == 7, "what was put back does not count as seen")
        }
    }

    @Test func whatTheDiskDoesNotTakeIsAnError() async throws {
        try await TemporaryDirectory.with { directory in
            let journal = try Self.journal(directory, "state", hasOld: true)
            let candidate = Self.candidate("new")
            // A folder in the place of the temporary file: it can be neither removed nor written, also by root.
            let blocked = "\(journal.state.pendingPolicy.text).new"
            try FileManager.default.createDirectory(atPath: blocked, withIntermediateDirectories: false)
            #expect(throws: Failure.self) { try journal.take(PolicyJournal.beginning, candidate) }
            #expect(try journal.interrupted() == nil && journal.tried() == nil)
            #expect(throws: Failure.self) { try journal.take(.adoptCandidate, candidate) }
            #expect(try Self.confirmed(journal) == Self.old)
        }
    }

    @Test func aDamagedMarkIsNoMark() async throws {
        try await TemporaryDirectory.with { directory in
            let journal = try Self.journal(directory, "state", hasOld: false)
            #expect(journal.tried() == nil)
            for count in [0, 7, 39, 41, 5000] {
                try journal.state.write([UInt8](repeating: 7, count: count), to: journal.state.triedPolicy)
                #expect(journal.tried() == nil, "\(count)")
            }
        }
    }
}
