import ArgumentParser
import CollectorAPI

/// `login`: trades a password for a token, which the profile keeps.
struct LoginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log in to a collector.",
        discussion: """
            The password is read from --password-file, from the file that GATEHOUSE_PASSWORD_FILE names, or from the \
            terminal or standard input. A one-time password needs a new one beside it: --new-password-file, the file \
            that GATEHOUSE_NEW_PASSWORD_FILE names, or the terminal.
            """
    )

    @Option(help: "The collector's HTTPS listener: https://host:8443.")
    var collector: String

    @Option(name: .customLong("ca-sha256"), help: "SHA-256 of its authority, as gatehouse-collector init prints it.")
    var caSHA256: String

    @Option(help: "The user's name.")
    var user: String

    @Option(help: "A file whose first line is the password.")
    var passwordFile: String?

    @Option(help: "A file whose first line is the new password.")
    var newPasswordFile: String?

    func run() throws {
        guard let address = CollectorAddress(collector) else {
            throw ValidationError("--collector: \(collector) is not like https://host:8443")
        }
        let pin = caSHA256.lowercased().replacing(":", with: "")
        let client = try CollectorClient(address: address, caSHA256: pin)
        let password = try SecretInput.password(
            "Password of \(user)",
            file: passwordFile,
            environment: "GATEHOUSE_PASSWORD_FILE"
        )
        var request = LoginRequest(user: user, password: password)
        if newPasswordFile != nil || Profile.environment("GATEHOUSE_NEW_PASSWORD_FILE") != nil {
            request.newPassword = try SecretInput.password(
                "New password",
                file: newPasswordFile,
                environment: "GATEHOUSE_NEW_PASSWORD_FILE"
            )
        }
        let answer = try login(client, request)
        try Profile(
            collector: "https://\(address.authority)",
            caSHA256: pin,
            user: answer.user,
            token: answer.token
        )
        .save()
        Output.line("logged in as \(answer.user) (\(answer.role)) until \(Table.time(answer.expires))")
    }

    private func login(_ client: CollectorClient, _ request: LoginRequest) throws -> LoginResponse {
        do {
            return try client.post(LoginResponse.self, "/api/v1/login", request)
        } catch {
            guard error.problem == "password-change-required", SecretInput.isInteractive else { throw error }
            Output.error("this was a one-time password; choose your own")
            var second = request
            second.newPassword = try SecretInput.read("New password")
            guard try SecretInput.read("New password again") == second.newPassword else {
                throw ControlError(.badData, "the two new passwords are not the same")
            }
            return try client.post(LoginResponse.self, "/api/v1/login", second)
        }
    }
}

/// `logout`: revokes the token of the profile.
struct LogoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "Revoke the token of the profile.")

    func run() throws {
        try CollectorClient.fromProfile().perform("POST", "/api/v1/logout")
        Output.line("logged out")
    }
}
