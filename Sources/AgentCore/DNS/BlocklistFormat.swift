/// The compiled file of blocklists: what `gatehousectl blocklist build` writes and the agent maps into memory.
///
/// All integers are big-endian. The same lists and key always give the same bytes.
/// ```
///  0  magic, 8 bytes                  89 'G' 'H' 'B' 0D 0A 1A 0A
///  8  version, 4 bytes
/// 12  length of the whole file, 4 bytes
/// 16  SHA-256 of all that follows, 32 bytes
/// 48  key of the hash, 16 bytes
/// 64  count of lists, 4 bytes
/// 68  for each list: name (32 bytes, padded with 0), count of blocked names, count of excepted names, 4 bytes each
///     for each list: the hashes of the blocked names, then those of the excepted ones, 8 bytes each, ascending
/// ```
/// A name is its SipHash-2-4 in lower case, without the final dot. Under a key that nobody could know beforehand, a name
/// that is on no list is taken for one of a million with a probability of 1 in 2^44.
public enum BlocklistFormat {
    /// The first eight bytes.
    public static let magic: [UInt8] = [0x89, 0x47, 0x48, 0x42, 0x0D, 0x0A, 0x1A, 0x0A]
    /// The version this program reads and writes.
    public static let version: UInt32 = 1
    /// Where the digest begins.
    public static let digestOffset = 16
    /// The first byte that the digest covers: the key of the hash.
    public static let contentsOffset = 48
    /// Where the count of lists stands.
    public static let listCountOffset = 64
    /// Where the first list stands.
    public static let headerLength = 68
    /// Bytes of a list in the header.
    public static let listLength = 40
    /// Bytes of its name.
    public static let nameLength = 32
    /// Bytes of a hash.
    public static let hashLength = 8
    /// Most lists.
    public static let maximumLists = 32
    /// Most bytes of a file.
    public static let maximumLength = 64 << 20
}
