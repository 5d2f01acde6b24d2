import Lab

/// The story of a fleet of one gateway, step by step. Each step says what it saw, and throws where it saw something else.
struct Story {
    /// One step.
    struct Step {
        /// What the step shows, as a sentence.
        let title: String
        /// Does it and returns what to tell of it.
        let run: () throws -> [String]
    }

    let stage: Stage

    init(_ stage: Stage) { self.stage = stage }

    /// In order; later ones rely on earlier ones.
    var steps: [Step] { beginning + guarding + enduring }

    /// Tells all steps; false where one failed, which ends the story.
    func tell(_ interruption: Interruption) -> Bool {
        let begin = ContinuousClock.now
        for (index, step) in steps.enumerated() {
            if interruption.isAsked { return false }
            let start = ContinuousClock.now
            do {
                let details = try step.run()
                say("\(Story.ordinal(index + 1))  ok    \(step.title)  (\(Story.seconds(since: start)))")
                for detail in details { say("           \(detail)") }
            } catch {
                say("\(Story.ordinal(index + 1))  FAIL  \(step.title)  (\(Story.seconds(since: start)))")
                say("           \(error)")
                return false
            }
        }
        say("\(steps.count) steps, all as told, in \(Story.seconds(since: begin))")
        return true
    }

    private static func ordinal(_ number: Int) -> String { number < 10 ? " \(number)" : "\(number)" }

    static func seconds(since start: ContinuousClock.Instant) -> String {
        let tenths = (ContinuousClock.now - start) / .milliseconds(100)
        return "\(Int(tenths) / 10).\(Int(tenths) % 10) s"
    }

    /// What a step says when it saw something else than it tells.
    static func require(_ condition: Bool, _ words: @autoclosure () -> String) throws {
        guard condition else { throw LabError(words()) }
    }
}
