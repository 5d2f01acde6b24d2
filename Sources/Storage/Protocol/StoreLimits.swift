/// Limits of every store.
public enum StoreLimits {
    /// Most rows of one page of a listing.
    public static let maximumPageSize = 1000
    /// How long reports wait for others to share their transaction.
    public static let groupCommitMilliseconds = 5
    /// So many reports end the wait at once.
    public static let groupCommitReports = 512
    /// Most reports that wait for a transaction; more are refused with `StoreError.busy`.
    public static let maximumPendingReports = 65_536
    /// Most changes that wait for a slow listener.
    public static let maximumPendingChanges = 1024
    /// Signed files that are kept of a tenant, of each kind.
    public static let maximumSignedFiles = 4
    /// How long violations count for the posture.
    public static let violationWindowHours: UInt64 = 24
}
