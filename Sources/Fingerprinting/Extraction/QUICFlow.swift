import PacketParsing

/// A QUIC connection whose ClientHello is not whole yet.
struct QUICFlow: Sendable {
    /// Most of them; the oldest goes first.
    static let maximumFlows = 16
    /// Most of one device before it gives up its own where there is no room.
    static let maximumFlowsPerDevice = 4

    let key: StreamTable.Key
    let keys: QUICInitialKeys
    /// When its first packet came.
    let sinceNanoseconds: UInt64
    var handshake = QUICHandshake()
}
