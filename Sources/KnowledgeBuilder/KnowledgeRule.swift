public import Fingerprinting
public import NetworkTypes

/// One rule of a rule file: which signals it recognises, what it says of their device, and how it is to be tested.
public struct KnowledgeRule: Sendable {
    /// One pattern of a rule; several are alternatives.
    public struct Matcher: Hashable, Sendable {
        /// How it compares.
        public var form: MatcherForm
        /// What it compares with, in lower case.
        public var pattern: ByteString
    }

    /// A value that the rule has to recognise, or has to leave alone.
    public struct Example: Sendable {
        /// The signal's value.
        public var value: ByteString
        /// What the rule must make of it, where the file says so.
        public var vendor: ByteString?
        /// The model to come out.
        public var model: ByteString?
        /// The firmware to come out.
        public var firmware: ByteString?
        /// The operating system to come out.
        public var operatingSystem: ByteString?
        /// Its line in the file.
        public var line: UInt32
    }

    /// Its name, unique in all files.
    public var name: ByteString
    /// The file it stands in.
    public var file: ByteString
    /// The line it begins on.
    public var line: UInt32
    /// Which signals it looks at.
    public var selector: SignalSelector
    /// What it recognises.
    public var matchers: [Matcher]
    /// The class it says.
    public var deviceClass: DeviceClass?
    /// The vendor it says: a name of the vendor table, or a template whose outcome the table must know.
    public var vendor: ByteString?
    /// The model it says, a template.
    public var model: ByteString?
    /// The firmware it says, a template.
    public var firmware: ByteString?
    /// The operating system it says, a template.
    public var operatingSystem: ByteString?
    /// How much it weighs.
    public var weight: ConfidencePerMille
    /// Where the fact was published.
    public var source: ByteString
    /// What it has to recognise.
    public var examples: [Example]
    /// What it has to leave alone.
    public var counterexamples: [Example]
}
