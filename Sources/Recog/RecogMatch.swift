/// What a fingerprint says of a banner.
public struct RecogMatch: Hashable, Sendable {
    /// The file it stands in: `ssh_banners.xml`.
    public let file: String
    /// Its line there.
    public let line: Int
    /// What it recognises, in words.
    public let summary: String
    /// 0...1; nil where the file does not say.
    public let certainty: Double?
    /// What it says: `service.vendor`, `os.product`, `hw.cpe23`, … Never empty strings.
    public let values: [String: String]

    init(file: String, line: Int, summary: String, certainty: Double?, values: [String: String]) {
        self.file = file
        self.line = line
        self.summary = summary
        self.certainty = certainty
        self.values = values.filter { !$0.value.isEmpty }
    }

    /// What is named: the device, its operating system, or a program on it.
    public enum Subject: String, CaseIterable, Sendable {
        case hardware = "hw"
        case operatingSystem = "os"
        case service
    }

    /// Vendor, product, version and CPE name of one subject.
    public struct Statement: Hashable, Sendable {
        /// Of what.
        public let subject: Subject
        /// Its maker.
        public let vendor: String?
        /// Its name; that of its family where only that is said.
        public let product: String?
        /// Its version.
        public let version: String?
        /// Its CPE name, in the form that the file has.
        public let cpe: String?
        /// 0...1: what the fingerprint says of this subject, else of itself; nil where it says neither.
        public let certainty: Double?
    }

    /// What it says of the device, of its system and of its program; those of which it names nothing are left out.
    public var statements: [Statement] {
        Subject.allCases.compactMap { subject in
            func value(_ name: String) -> String? { values["\(subject.rawValue).\(name)"] }
            let statement = Statement(
                subject: subject,
                vendor: value("vendor"),
                product: value("product") ?? value("model") ?? value("family"),
                version: value("version"),
                cpe: value("cpe23"),
                certainty: value("certainty").flatMap { Double($0) } ?? certainty
            )
            let isEmpty =
                statement.vendor == nil && statement.product == nil && statement.version == nil && statement.cpe == nil
            return isEmpty ? nil : statement
        }
    }
}
