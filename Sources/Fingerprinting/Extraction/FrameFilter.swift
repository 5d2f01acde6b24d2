/// What a live capture lets through: the frames that can carry a signal, as data for whoever writes the kernel's
/// filter program.
///
/// A frame passes if it is ARP, UDP from or to one of `udpPorts`, or TCP with SYN, or TCP from or to one of
/// `tcpPorts` with a payload. Fragments after the first have no ports and may be dropped. VLAN tags must be looked
/// behind. What is dropped is not lost for enforcement, which does not use the capture.
public enum FrameFilter {
    /// DNS (names asked), DHCP, SSDP, WS-Discovery, multicast DNS.
    public static let udpPorts: [UInt16] = [53, 67, 68, 1900, 3702, 5353]
    /// Where ClientHello, HTTP heads and MQTT CONNECT are found: HTTP 80, 8000, 8008, 8080, 8081, 8888; TLS 443, 8443,
    /// 8883; RTSP 554, 8554 (cameras tunnel it through HTTP); MQTT 1883; UPnP descriptions 49152, 49153.
    public static let tcpPorts: [UInt16] = [
        80, 443, 554, 1883, 8000, 8008, 8080, 8081, 8443, 8554, 8883, 8888, 49152, 49153,
    ]
    /// SYN, with or without ACK.
    public static let tcpFlags: UInt8 = 0x02
    /// Bytes of each frame that are wanted: all of a frame of 1,500 bytes with link header and two VLAN tags.
    public static let snapLength = 1522
}
