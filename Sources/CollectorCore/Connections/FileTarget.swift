public import NetworkTypes
public import Policy
import WireProtocol

/// A file that the gateways of a tenant should have. Its bytes are shared by all connections.
public struct FileTarget: Hashable, Sendable {
    /// What it is.
    public var kind: FileKind
    /// SHA-256 of the file.
    public var fileHash: ByteString
    /// COSE_Sign1 around the manifest.
    public var envelope: ByteString
    /// The file.
    public var file: [UInt8]

    /// A target; nil where the record is damaged: it has another length than was signed, or a hash that is none.
    public init?(_ record: SignedFileRecord) {
        guard let hash = Hexadecimal.decode(ByteString(utf8: record.hash)), !hash.isEmpty, !record.file.isEmpty,
            UInt64(record.file.count) == record.fileBytes
        else { return nil }
        kind = record.kind
        fileHash = ByteString(hash)
        envelope = ByteString(record.envelope)
        file = record.file
    }

    /// What an agent is told first.
    var offer: FileOffer {
        var offer = FileOffer()
        offer.envelope = envelope
        return offer
    }

    /// The part of the file that begins at `offset`, which lies in the file.
    func chunk(at offset: Int) -> FileChunk {
        var chunk = FileChunk()
        chunk.file = fileHash
        chunk.offset = UInt64(offset)
        chunk.bytes = ByteString(Array(file[offset..<min(file.count, offset + FileChunk.maximumBytes)]))
        return chunk
    }
}
