import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO
import TLS
import WireProtocol

/// What the agent keeps on disk, all below `stateDirectory`, readable by its own user alone.
struct StateDirectory {
    let path: ByteString

    /// Most bytes of a key or certificate file.
    static let maximumCredentialBytes = 64 << 10
    /// Most bytes of the collector's addresses: a name and `HostResolution.addressLimit` lines.
    static let maximumAddressesBytes = 2048
    /// Most bytes of a signed policy.
    static let maximumPolicyBytes = 2 << 20
    /// Most bytes of the recorded flows: `FlowTable.maximumFlows` of the longest names are less.
    static let maximumFlowsBytes = 2 << 20
    /// Most bytes of the remembered devices.
    static let maximumDevicesBytes = 8 << 20

    init(_ path: ByteString) { self.path = path }

    private func file(_ name: ByteString) -> ByteString { "\(path)/\(name)" }

    /// The gateway's private key (P-256), its certificate and what that was issued by, PEM: see `Credentials`. The key
    /// never leaves the gateway.
    var credentials: ByteString { file("gateway.pem") }
    /// A renewed pair that no connection has proved yet. What a start finds here was cut short, and is removed.
    var pendingCredentials: ByteString { file("gateway.pending.pem") }
    /// The collector's authority, PEM.
    var authority: ByteString { file("authority.crt") }
    /// Who the gateway is, and whose policies it takes (CBOR).
    var enrolment: ByteString { file("enrolment") }
    /// The collector's name, then the addresses last found for it, a line each.
    var collectorAddresses: ByteString { file("collector-addresses") }
    /// The signed policy in force, confirmed.
    var policy: ByteString { file("policy.cose") }
    /// A signed policy that is on trial: see `PolicyJournal`.
    var pendingPolicy: ByteString { file("policy.pending.cose") }
    /// Which policy was taken on trial last.
    var triedPolicy: ByteString { file("policy.tried") }
    /// The highest generation ever confirmed.
    var highestGeneration: NumberFile { NumberFile(file("highest-generation")) }
    /// The signed file of a kind that was pushed last; without it that of the configuration is used.
    func signedFile(_ kind: FileKind) -> ByteString { file("\(kind.name).signed") }
    /// The highest version of one ever taken.
    func highestVersion(_ kind: FileKind) -> NumberFile { NumberFile(file("highest-\(kind.name)")) }
    /// Counts the starts.
    var bootEpoch: NumberFile { NumberFile(file("boot-epoch")) }
    /// The latest time known, seconds since 1970.
    var timeFloor: NumberFile { NumberFile(file("time-floor")) }
    /// What is known of devices (a sequence of encoded device reports).
    var devices: ByteString { file("devices") }
    /// Names that devices asked and the addresses they were told (CBOR).
    var names: ByteString { file("names") }
    /// The first packets of devices that were put into quarantine.
    var evidence: ByteString { file("evidence") }
    /// Where devices' connections led (CBOR).
    var flows: ByteString { file("flows") }
    /// Reports that are not acknowledged.
    var spool: ByteString { file("spool") }
    /// Held while an agent runs.
    var lock: ByteString { file("lock") }
    /// Where `status`, `verify` and `release` reach the running agent.
    var controlSocket: ByteString { file("control.sock") }

    /// Makes the folder.
    func create() throws(Failure) {
        do throws(SystemError) { try FileSystem.makeDirectory(path, mode: 0o700) } catch { throw Failure(error) }
    }

    func read(_ path: ByteString, limit: Int) throws(Failure) -> [UInt8] {
        do throws(SystemError) { return try FileSystem.read(path, limit: limit) } catch { throw Failure(error) }
    }

    func write(_ bytes: [UInt8], to path: ByteString) throws(Failure) {
        do throws(SystemError) { try FileSystem.writeAtomically(bytes, to: path, mode: 0o600) } catch {
            throw Failure(error)
        }
    }
}

/// Who the gateway is, from its enrolment.
struct EnrolmentRecord {
    /// The collector's name for the gateway, the last part of its certificate's SPIFFE URI.
    var gatewayID: ByteString
    /// Where the collector is.
    var host: ByteString
    /// Raw Ed25519 public keys whose policies are taken.
    var policyKeys: [[UInt8]]

    func encoded() -> [UInt8] {
        CBOREncoder.encodingMap { map in
            map.text(1, gatewayID)
            map.text(2, host)
            map.item(3) { item in
                item.array(count: policyKeys.count)
                for key in policyKeys { item.bytes(key) }
            }
        }
    }

    init(gatewayID: ByteString, host: ByteString, policyKeys: [[UInt8]]) {
        self.gatewayID = gatewayID
        self.host = host
        self.policyKeys = policyKeys
    }

    init(decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span)
        self.init(gatewayID: "", host: "", policyKeys: [])
        var map = try CBORMapReader(parsing: &reader)
        while let key = try map.nextKey(&reader) {
            switch key {
            case 1: gatewayID = try reader.readCBORText(limit: 255)
            case 2: host = try reader.readCBORText(limit: 255)
            case 3:
                for _ in 0..<(try reader.readCBORArray(limit: EnrolmentToken.maximumPolicyKeys)) {
                    policyKeys.append(try reader.readCBORBytes(limit: 32).bytes)
                }
            default: try reader.skipCBORItem()
            }
        }
        try reader.expectEnd()
        guard !gatewayID.isEmpty else { throw DecodeError(.malformed, at: 0) }
    }
}
