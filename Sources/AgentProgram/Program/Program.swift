import CLinux
import ConfigurationFiles
import NetworkTypes
import SystemIO

/// What every command needs.
enum Program {
    /// Most bytes of a configuration file.
    static let maximumConfigurationBytes = 1 << 20
    /// Most bytes of a knowledge file.
    static let maximumKnowledgeBytes = 32 << 20

    /// The number of this process.
    static var processNumber: UInt32 { UInt32(bitPattern: getpid()) }

    /// Ends the process.
    static func exit(_ code: ExitCode) -> Never { CLinux.exit(code.rawValue) }

    /// Reads the configuration that `--config` names.
    static func configuration(_ arguments: Arguments) throws(Failure) -> AgentConfiguration {
        let path = arguments.value("--config") ?? AgentConfiguration.defaultPath
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path, limit: maximumConfigurationBytes)
        } catch {
            throw Failure(.badConfiguration, error.byteString)
        }
        do throws(ConfigurationError) {
            return try AgentConfiguration(reading: bytes, file: path)
        } catch {
            throw Failure(error)
        }
    }
}
