package import NetworkTypes

/// Names whose answers would let a device ask another resolver past the gateway. They do not exist here.
///
/// Names as their operators publish them (developers.google.com/speed/public-dns, developers.cloudflare.com/1.1.1.1,
/// quad9.net, adguard-dns.io, nextdns.io, cleanbrowsing.org, mullvad.net, controld.com and others).
package enum EncryptedResolverNames {
    /// Each stands for itself and all names below it.
    private static let names = all.split(0x20).compactMap { DomainName($0) }

    /// The first is asked by browsers before they turn DNS over HTTPS on (Mozilla, "Canary domain -
    /// use-application-dns.net"), the next two before iCloud Private Relay is used (Apple, "Prepare your network for iCloud
    /// Private Relay"), the fourth to discover designated resolvers (RFC 9462 §4). One literal: each costs code.
    private static let all: ByteString = """
        use-application-dns.net mask.icloud.com mask-h2.icloud.com resolver.arpa \
        dns.google dns64.dns.google dns.google.com 8888.google \
        cloudflare-dns.com one.one.one.one 1dot1dot1dot1.cloudflare-dns.com cloudflare-gateway.com \
        dns.quad9.net dns9.quad9.net dns10.quad9.net dns11.quad9.net dns12.quad9.net \
        doh.opendns.com dns.opendns.com doh.familyshield.opendns.com dns.umbrella.com doh.umbrella.com \
        dns.adguard.com dns.adguard-dns.com d.adguard-dns.com family.adguard-dns.com unfiltered.adguard-dns.com \
        dns.nextdns.io doh.cleanbrowsing.org dns.mullvad.net doh.mullvad.net freedns.controld.com dns.controld.com \
        doh.dns.sb dot.sb dns.alidns.com doh.pub dot.pub doh.360.cn doh.xfinity.com dns.digitale-gesellschaft.ch \
        doh.libredns.gr doh.li dns.switch.ch doh.tiar.app jp.tiar.app dns.twnic.tw ordns.he.net \
        doh.applied-privacy.net basic.rethinkdns.com max.rethinkdns.com dns.aa.net.uk \
        dns0.eu zero.dns0.eu kids.dns0.eu wikimedia-dns.org
        """

    /// Whether a name is one of them or lies below one.
    package static func contains(_ name: DomainName) -> Bool { names.contains { name.isEqualToOrBelow($0) } }
}
