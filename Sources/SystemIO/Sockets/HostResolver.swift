internal import CLinux
public import NetworkTypes

/// Addresses of the collector's name, through the host's own resolver.
public enum HostResolver {
    /// Most addresses of one name.
    public static let maximumAddresses = 8

    /// The addresses of a name, or of an address in text. Blocks as long as the C library's resolver does
    /// (resolv.conf(5): 5 s a server and try); the agent's loop asks only when it connects.
    public static func addresses(of host: ByteString) throws(SystemError) -> [IPAddress] {
        if let address = IPAddress(host) { return [address] }
        var list: UnsafeMutablePointer<addrinfo>? = nil
        let result = unsafe host.withTerminated { unsafe gh_resolve($0, &list) }
        guard result == 0 else { throw SystemError(code: ENOENT, operation: "find the address of", subject: host) }
        defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
        var addresses: [IPAddress] = []
        var entry = unsafe list
        while let current = unsafe entry, addresses.count < maximumAddresses {
            var plain = gh_address()
            if unsafe gh_addrinfo_address(current, &plain) == 0, let address = IPAddress(plain),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }
}
