/// A response of HTTP/1.1.
public struct HTTPResponse: Hashable, Sendable {
    /// 100...599
    public let status: UInt16
    /// Header fields, in order.
    public let headers: [HTTPHeader]
    /// The body, chunks joined; empty for a head alone.
    public let body: [UInt8]
}
