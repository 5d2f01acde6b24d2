import ConfigurationFiles
import Fingerprinting
import NetworkTypes
import PacketParsing
import SystemIO
import TLS

/// `identify`: the devices of a capture, or of a sysfs tree, with their evidence.
enum IdentifyCommand {
    /// Bytes read of a capture at a time.
    static let chunkBytes = 64 << 10
    /// Most devices of one capture; further ones are counted and said.
    static let maximumDevices = 4096
    /// Most addresses of one device that are listed.
    static let maximumAddresses = 64

    private struct Found {
        var tracker: IdentityTracker
        var addresses: [IPAddress] = []
    }

    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--pcap", "--sysroot", "--knowledge", "--json"])
        let capture = arguments.value("--pcap")
        let root = capture == nil ? try arguments.required("--sysroot") : ""
        let knowledge = try KnowledgeFile.open(arguments.value("--knowledge") ?? AgentConfiguration().knowledgeFile)
            .base
        let isJSON = arguments.has("--json")
        if let capture { return try identify(capture: capture, knowledge, isJSON) }
        let tree: SysfsRoot
        do throws(SystemError) { tree = try SysfsRoot(root) } catch { throw Failure(error, .badData) }
        for device in LocalBusScan(tree).devices {
            var tracker = IdentityTracker(device: device.key, knowledge: knowledge)
            for signal in device.signals { tracker.add(signal, knowledge: knowledge) }
            show(tracker.identity, device.key, [], isJSON)
        }
        return .done
    }

    private static func identify(
        capture path: ByteString,
        _ knowledge: KnowledgeBase,
        _ isJSON: Bool
    ) throws(Failure) -> ExitCode {
        var reader = CaptureFileReader()
        var extractor = SignalExtractor(onLink: .guessed, ciphers: .openSSL)
        var found: HashTable<MACAddress, Found> = HashTable()
        var order: [MACAddress] = []
        var turnedAway: UInt64 = 0
        var problem: DecodeError?
        let file: InputFile
        do throws(SystemError) { file = try InputFile(path) } catch { throw Failure(error, .badData) }
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while problem == nil {
            let count: Int
            do throws(SystemError) { count = try file.read(into: &chunk) } catch { throw Failure(error) }
            if count == 0 { break }
            do throws(DecodeError) {
                try reader.feed(chunk.span.extracting(0..<count)) { description, bytes in
                    guard
                        let sighting = extractor.extract(
                            bytes,
                            linkType: description.linkType,
                            timeNanoseconds: description.timeNanoseconds
                        )
                    else { return }
                    if found[sighting.device] == nil {
                        guard found.count < maximumDevices else {
                            turnedAway += 1
                            return
                        }
                        let tracker = IdentityTracker(device: DeviceKey(sighting.device), knowledge: knowledge)
                        found[sighting.device] = Found(tracker: tracker)
                        order.append(sighting.device)
                    }
                    for signal in sighting.signals { found[sighting.device]?.tracker.add(signal, knowledge: knowledge) }
                    if let address = sighting.address, found[sighting.device]?.addresses.contains(address) == false,
                        (found[sighting.device]?.addresses.count ?? 0) < maximumAddresses
                    {
                        found[sighting.device]?.addresses.append(address)
                    }
                }
            } catch {
                problem = error
            }
        }
        for address in order {
            guard let device = found[address] else { continue }
            show(device.tracker.identity, DeviceKey(address), device.addresses.ordered(), isJSON)
        }
        return conclude(path, reader, problem, turnedAway)
    }

    /// What was whole has been shown; what was not is said.
    private static func conclude(
        _ path: ByteString,
        _ reader: CaptureFileReader,
        _ problem: DecodeError?,
        _ turnedAway: UInt64
    ) -> ExitCode {
        if turnedAway > 0 {
            Output.error(
                "\(path): \(turnedAway) sightings of devices beyond the first \(maximumDevices) were passed over"
            )
        }
        if let problem {
            let what: ByteString = problem.reason == .unsupported ? "not a pcap or pcapng file" : "damaged"
            Output.error("\(path): \(what) at byte \(problem.offset)")
            return .badData
        }
        if reader.isTruncated {
            Output.error("\(path): truncated after \(reader.frameCount) whole frames, which were read")
            return .no
        }
        return .done
    }

    private static func show(_ identity: Identity, _ key: DeviceKey, _ addresses: [IPAddress], _ isJSON: Bool) {
        if isJSON {
            Output.line(identity.jsonLine(key: key, addresses: addresses))
            return
        }
        var line: ByteString = "\(key.byteString)  \(identity.deviceClass.name)"
        for part in [identity.vendor, identity.model, identity.hostname] {
            if let part { line = "\(line)  \(part)" }
        }
        Output.line(line)
        for evidence in identity.evidence {
            Output.line("    \(evidence.signal.kind.name) = \(evidence.signal.value)")
        }
    }
}
