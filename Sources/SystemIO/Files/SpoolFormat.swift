internal import NetworkTypes

/// The bytes of a record on the disk, all numbers big-endian:
///
/// ```
///  0  "GHSR"          magic
///  4  UInt32          length of the body
///  8  UInt32          CRC-32C of everything from 12 to the end of the body
/// 12  UInt64          boot epoch
/// 20  UInt64          sequence
/// 28  UInt64          time, milliseconds since 1970
/// 36  UInt8           severity
/// 37  UInt8 × 3       zero
/// 40  body
/// ```
struct SpoolFormat {
    static let headerBytes = 40
    private static let magic: UInt32 = 0x4748_5352
    private let checksum = Checksum()

    func encode(_ record: SpoolRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SpoolFormat.headerBytes + record.body.count)
        SpoolFormat.append(UInt64(SpoolFormat.magic) << 32 | UInt64(record.body.count), to: &bytes)
        SpoolFormat.append(0, to: &bytes)
        bytes.removeLast(4)
        SpoolFormat.append(record.mark.bootEpoch, to: &bytes)
        SpoolFormat.append(record.mark.sequence, to: &bytes)
        SpoolFormat.append(record.timeMilliseconds, to: &bytes)
        bytes.append(record.severity)
        bytes.append(contentsOf: [0, 0, 0])
        bytes.append(contentsOf: record.body)
        let sum = checksum.of(bytes, 12..<bytes.count)
        for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - index * 8)) }
        return bytes
    }

    /// The record at `offset` and where the next begins; nil where it is cut off, damaged or no record.
    func decode(_ bytes: [UInt8], at offset: Int) -> (record: SpoolRecord, next: Int)? {
        var reader = ByteReader(bytes.span, from: offset, to: bytes.count)
        do throws(DecodeError) {
            guard try reader.readUInt32() == SpoolFormat.magic else { return nil }
            let length = try reader.readUInt32()
            guard UInt64(length) <= UInt64(SpoolStore.recordLimitBytes) else { return nil }
            let sum = try reader.readUInt32()
            let covered = reader.position
            let epoch = try reader.readUInt64()
            let sequence = try reader.readUInt64()
            let time = try reader.readUInt64()
            let severity = try reader.readUInt8()
            try reader.skip(3)
            let body = try reader.readBytes(Int(length))
            guard severity <= SpoolStore.severityLimit, checksum.of(bytes, covered..<reader.position) == sum else {
                return nil
            }
            let mark = SpoolRecord.Mark(bootEpoch: epoch, sequence: sequence)
            return (
                SpoolRecord(mark: mark, severity: severity, timeMilliseconds: time, body: body), reader.position
            )
        } catch {
            return nil
        }
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(56 - index * 8))) }
    }
}
