internal import NetworkTypes

/// Vendors and products of USB, as `usb.ids` has them (linux-usb.org): `046d  Logitech, Inc.`, and below it, behind a tab,
/// `0825  Webcam C270`. What stands behind two tabs is a product's interfaces; after the vendors come lists of classes.
struct USBRegister {
    struct Product: Hashable {
        /// Vendor and product, 16 bits each.
        var identifier: UInt32
        var name: ByteString
    }

    /// Most bytes of a product's name that are kept.
    static let maximumNameBytes = 64

    private(set) var vendors: [(identifier: UInt16, name: ByteString)] = []
    private(set) var products: [Product] = []

    /// Reads a file; what is neither a vendor nor a product is passed over.
    init(_ bytes: [UInt8] = []) {
        var vendor: UInt16?
        for line in ByteString(bytes).split(0x0A) {
            guard let first = line.bytes.first, first != 0x23 else { continue }
            let isProduct = first == 0x09
            guard let entry = Self.entry(isProduct ? line.bytes.dropFirst() : line.bytes[...]) else {
                // `C 00  (Defined at Interface level)` ends the vendors; `\t\t01  interface` belongs to a product.
                if !isProduct { vendor = nil }
                continue
            }
            if isProduct {
                guard let vendor else { continue }
                products.append(Product(identifier: UInt32(vendor) << 16 | UInt32(entry.number), name: entry.name))
            } else {
                vendor = entry.number
                vendors.append((entry.number, entry.name))
            }
        }
    }

    /// Four hexadecimal digits, two blanks, a name.
    private static func entry(_ line: ArraySlice<UInt8>) -> (number: UInt16, name: ByteString)? {
        let bytes = Array(line)
        guard bytes.count > 6, bytes[4] == 0x20, bytes[5] == 0x20 else { return nil }
        var number: UInt16 = 0
        for byte in bytes[..<4] {
            guard let digit = Hexadecimal.value(byte) else { return nil }
            number = number << 4 | UInt16(digit)
        }
        let name = ByteString(Array(bytes[6...])).trimmed
        return name.isEmpty ? nil : (number, name)
    }
}
