/// Why an enrolment token was not taken.
public enum TokenRefusal: String, CaseIterable, Hashable, Sendable {
    /// There is no token of that identifier, or its text is not that of a token.
    case unknown
    /// The secret is another one.
    case wrongSecret = "wrong-secret"
    /// It was redeemed before.
    case used
    /// Its time is over.
    case expired
    /// An operator revoked it.
    case revoked

    /// For people.
    public var words: String {
        switch self {
        case .unknown: return "no such token"
        case .wrongSecret: return "the secret is wrong"
        case .used: return "it was used before; a token enrols one gateway, make a new one"
        case .expired: return "it has expired; make a new one"
        case .revoked: return "it was revoked"
        }
    }
}
