/// When a gateway counts as silent.
public enum Silence {
    /// Nothing was heard for so long. Agents answer a ping every 30 s: three of them were missed.
    public static let thresholdMilliseconds: UInt64 = 90_000
}
