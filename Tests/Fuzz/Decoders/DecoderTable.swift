/// Every decoder of bytes that others wrote. What is here is damaged 100,000 times in `make test`, and searched by
/// libFuzzer in `make fuzz`: a new decoder is one more line in one of the files `DecoderTable+….swift`.
public enum DecoderTable {
    /// All of them; names are unique.
    public static let all: [Decoder] = frames + names + streams + discovery + industrial + wire + local

    /// The decoder of a name.
    public static subscript(name: String) -> Decoder? { all.first { $0.name == name } }
}
