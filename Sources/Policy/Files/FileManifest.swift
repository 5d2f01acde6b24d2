public import NetworkTypes
import WireProtocol

/// What an operator signs of a file for gateways: which file, and its place among those of its kind before and after it.
///
/// A signed file is the envelope of its manifest, then the file itself: one file to carry, to upload, to keep. Its kind is
/// what the envelope says: see `FileKind`.
public struct FileManifest: Hashable, Sendable {
    /// The format of manifests.
    public static let format: UInt64 = 1

    /// Counts the files of its kind that an operator has signed; from 1.
    public var version: UInt64 = 0
    /// SHA-256 of the file.
    public var fileHash: ByteString = ""
    /// Bytes of the file.
    public var fileBytes: UInt64 = 0
    /// When it was signed, seconds since 1970; for people.
    public var issuedAtSeconds: UInt64 = 0
    /// A rollback grant: gateways that have seen a version up to this one take it although its own is lower.
    public var rollbackFrom: UInt64?

    /// All fields at their zero.
    public init() {}

    /// Deterministic CBOR; keys as in PROTOCOL.md.
    public func encoded() -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.unsigned(1, FileManifest.format)
            map.unsigned(2, version)
            map.bytes(3, fileHash)
            map.unsigned(4, fileBytes)
            map.unsigned(5, issuedAtSeconds)
            if let rollbackFrom { map.unsigned(6, rollbackFrom) }
        }
    }

    /// Decodes all of `bytes`, the payload of an envelope of that kind. Refuses unknown keys: a manifest understood in part would be trusted in part.
    public init(_ kind: FileKind, decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        var format: UInt64 = 0
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: format = try reader.readCBORUnsigned()
            case 2: version = try reader.readCBORUnsigned()
            case 3: fileHash = try reader.readCBORBytes(limit: SHA256.digestLength)
            case 4: fileBytes = try reader.readCBORUnsigned(limit: UInt64(kind.maximumFileBytes))
            case 5: issuedAtSeconds = try reader.readCBORUnsigned()
            case 6: rollbackFrom = try reader.readCBORUnsigned()
            default: throw reader.error(.unsupported)
            }
        }
        try reader.expectEnd()
        guard format == FileManifest.format, version > 0, fileBytes > 0, fileHash.count == SHA256.digestLength
        else { throw DecodeError(.unsupported, at: 0) }
    }
}
