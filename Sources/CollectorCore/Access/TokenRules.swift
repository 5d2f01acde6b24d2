/// When an enrolment token is taken.
public enum TokenRules {
    /// Why `credential` is refused at `nowMilliseconds`, or nil where it is good.
    ///
    /// The secret is looked at before everything else: who does not have it learns nothing of the token.
    public static func refusal(
        of credential: TokenCredential,
        for token: TokenRecord?,
        nowMilliseconds: UInt64
    ) -> TokenRefusal? {
        guard let token else { return .unknown }
        guard ConstantTime.areEqual(token.secretHash, credential.secretHash) else { return .wrongSecret }
        if token.revokedMilliseconds != nil { return .revoked }
        if token.redeemedMilliseconds != nil { return .used }
        if nowMilliseconds >= token.expiresMilliseconds { return .expired }
        return nil
    }
}
