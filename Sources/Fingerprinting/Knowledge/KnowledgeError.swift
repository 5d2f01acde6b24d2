/// Why a knowledge file was refused. Nothing of a refused file is used.
public enum KnowledgeError: Error, Hashable, Sendable {
    /// Shorter than a header, or not begun by the magic bytes: no knowledge file at all.
    case notAKnowledgeFile
    /// A version of the format that this program does not know.
    case unsupportedVersion(UInt32)
    /// The length in the header is not that of the file: it was cut short, or something was appended.
    case wrongLength(expected: UInt32, found: UInt64)
    /// The SHA-256 in the header is not that of the contents.
    case wrongChecksum
    /// A section lies outside the file, or is missing.
    case damagedSection(UInt32)

    /// One line for an operator.
    public var text: String {
        switch self {
        case .notAKnowledgeFile: return "not a knowledge file (its first bytes are others)"
        case .unsupportedVersion(let version):
            return "knowledge file of version \(version), but this program reads version \(KnowledgeFormat.version)"
        case .wrongLength(let expected, let found):
            return "knowledge file is damaged: \(found) bytes long, its header says \(expected)"
        case .wrongChecksum: return "knowledge file is damaged: its SHA-256 does not match its contents"
        case .damagedSection(let number): return "knowledge file is damaged: section \(number) lies outside it"
        }
    }
}
