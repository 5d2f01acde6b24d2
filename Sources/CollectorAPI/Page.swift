/// One page of a listing.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    /// What is on it, in the listing's order.
    public var items: [Item]
    /// Give this as `cursor` to get the page after; nil on the last one.
    public var next: String?

    /// A page.
    public init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}
