/// Tenants are kept apart in every query.
public enum TenantName {
    /// The tenant of an installation that has but one.
    public static let standard = "default"
}
