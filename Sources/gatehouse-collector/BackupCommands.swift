import ArgumentParser
import CollectorServer
import Foundation

/// `backup`
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write authority, key and database into one file. The collector may serve meanwhile.",
        discussion: """
            The file holds the authority's private key: whoever has it can make gateways. It is for its owner alone \
            (mode 0600), and never written over another file.
            """
    )
    @OptionGroup var option: ConfigurationOption
    @Argument(help: "The file to write. It must not be there yet.")
    var file: String

    func run() async throws {
        let configuration = try option.load()
        try await ending {
            try await Collector.backUp(configuration, to: file)
            print("\(file): keep it where nobody else can read it")
        }
    }
}

/// `restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup into a state directory that holds no collector.",
        discussion: """
            What was done after the backup is not in it: gateways that enrolled since must enrol again, bans have to be \
            made again, and the next policy needs a generation above every one that was ever pushed. Enrolment tokens \
            that were open are revoked.
            """
    )
    @OptionGroup var option: ConfigurationOption
    @Argument(help: "The file that backup wrote.")
    var file: String

    func run() async throws {
        let configuration = try option.load()
        try await ending {
            let restoration = try await Collector.restore(configuration, from: file)
            print("restored from \(file); \(restoration.revokedTokens) open enrolment tokens are revoked")
            print("What was done after the backup is not in it. See gatehouse-collector restore --help.")
        }
    }
}
