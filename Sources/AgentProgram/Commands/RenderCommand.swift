import AgentCore
import ConfigurationFiles
import NetworkTypes
import Policy
import SystemIO

/// `render`: the ruleset of a policy for devices, as nft would list it. Touches no kernel.
///
/// The devices file has one device a line: `MAC POLICY ADDRESS …`, `-` for no policy of its own.
enum RenderCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--policy", "--devices"])
        let policyPath = try arguments.required("--policy")
        let devicesPath = try arguments.required("--devices")
        var documents = PolicyDocuments()
        let text = try read(policyPath)
        do throws(ConfigurationError) {
            try documents.add(text, file: policyPath)
        } catch {
            throw Failure(.badData, error.byteString)
        }
        // The numbers of a signed one: none of them is in the ruleset but the generation, in the table's comment.
        let bundle = documents.bundle(generation: 1, issuedAtSeconds: 0)
        var isRefused = false
        for problem in PolicyValidator.validate(bundle, protected: []) {
            Output.error(documents.located(problem).byteString)
            if problem.severity == .error { isRefused = true }
        }
        guard !isRefused else { return .badData }
        var devices: [EnforcedDevice] = []
        var number: UInt64 = 0
        for line in ByteString(try read(devicesPath)).split(0x0A) {
            number += 1
            let words = line.split(0x20).map { $0.trimmed }.filter { !$0.isEmpty }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard let address = MACAddress(first), words.count >= 2 else {
                throw Failure(
                    .badData,
                    "\(devicesPath):\(number): expected MAC POLICY ADDRESS …"
                )
            }
            let policy: ByteString? = words[1] == "-" ? nil : words[1]
            devices.append(
                EnforcedDevice(
                    macAddress: address,
                    addresses: words.dropFirst(2).compactMap { IPAddress($0) },
                    policy: policy
                )
            )
        }
        let settings = EnforcementSettings(deviceInterfaces: ["br0"], dnsPort: 10053, logGroup: AgentRuntime.logGroup)
        var enforcement = Enforcement(settings: settings)
        enforcement.adopt(bundle, devices: devices)
        Output.raw(enforcement.desired)
        return .done
    }

    private static func read(_ path: ByteString) throws(Failure) -> [UInt8] {
        do throws(SystemError) { return try FileSystem.read(path, limit: Program.maximumConfigurationBytes) } catch {
            throw Failure(error, .badData)
        }
    }
}
