import PacketParsing

/// A QUIC connection whose ClientHello is not whole yet.
struct QUICFlow: Sendable {
    /// Most of them; the oldest goes first.
    static let maximumFlows = 16

    let key: StreamTable.Key
    let keys: QUICInitialKeys
    var handshake = QUICHandshake()
}
