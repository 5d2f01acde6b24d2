public import NetworkTypes
public import Policy
public import WireProtocol

/// Fetches a file that was offered, part by part.
///
/// Holds none of the file: the parts go to the disk, where the whole is judged.
public struct FileTransfer {
    /// How long the collector has to send a part.
    public static let answerTimeoutMilliseconds: UInt64 = 30_000

    /// What the operator signed of the file.
    public let manifest: FileManifest
    /// The envelope of that.
    public let envelope: ByteString
    /// Bytes that have come.
    public private(set) var receivedBytes = 0
    private var sinceMilliseconds: UInt64

    /// Begins to fetch a file whose manifest was verified.
    public init(_ manifest: FileManifest, envelope: ByteString, now: AgentTime) {
        self.manifest = manifest
        self.envelope = envelope
        sinceMilliseconds = now.monotonicMilliseconds
    }

    /// What to ask for now.
    public var request: FileRequest {
        var request = FileRequest()
        request.file = manifest.fileHash
        request.offset = UInt64(receivedBytes)
        return request
    }

    /// Whether the whole file has come.
    public var isComplete: Bool { UInt64(receivedBytes) >= manifest.fileBytes }

    /// Whether the collector has let the agent wait too long.
    public func isOverdue(now: AgentTime) -> Bool {
        now.monotonicMilliseconds >= sinceMilliseconds + FileTransfer.answerTimeoutMilliseconds
    }

    /// Takes the part that was asked for; false for one that nobody asked for, which is passed over.
    public mutating func take(_ chunk: FileChunk, now: AgentTime) throws(FileRefusal) -> Bool {
        guard chunk.file == manifest.fileHash, chunk.offset == UInt64(receivedBytes), !isComplete else { return false }
        receivedBytes += chunk.bytes.count
        guard !chunk.bytes.isEmpty, UInt64(receivedBytes) <= manifest.fileBytes else {
            throw FileRefusal(.damaged, "a part of the file has the wrong length")
        }
        sinceMilliseconds = now.monotonicMilliseconds
        return true
    }
}
