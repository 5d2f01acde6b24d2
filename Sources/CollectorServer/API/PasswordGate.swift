internal import TLS

/// Hashes passwords one at a time: each takes 32 MiB and a tenth of a second, and who floods the login with them may
/// neither eat the memory nor stop the other threads.
actor PasswordGate {
    /// What a password is compared with where the user does not exist, so that the answer takes as long.
    private var decoy: String?

    /// Whether a password is that of a stored text; false where there is none, after as long a time.
    func verify(_ password: String, _ stored: String?) -> Bool {
        if let stored { return PasswordHash.verify(password, stored) }
        if decoy == nil { decoy = try? PasswordHash.make("nobody has this password") }
        if let decoy { _ = PasswordHash.verify(password, decoy) }
        return false
    }

    /// The text to store.
    func make(_ password: String) throws(TLSError) -> String { try PasswordHash.make(password) }
}
