/// Limits of every YAML file; beyond them it is refused.
public enum YAMLLimits {
    /// Most bytes of a file.
    public static let fileBytes = 4 << 20
    /// Most nodes of a file.
    public static let nodeCount = 200_000
    /// Deepest nesting of lists and mappings.
    public static let nesting = 32
    /// Most documents of a file.
    public static let documentCount = 4096
}
