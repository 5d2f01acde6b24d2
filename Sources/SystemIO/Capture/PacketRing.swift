internal import CLinux
public import NetworkTypes

/// Captures frames of one interface through a ring that the kernel writes and the agent reads without copying
/// (TPACKET_V3: kernel Documentation/networking/packet_mmap.rst).
///
/// The ring is the agent's own memory, so it is small; what does not fit is dropped by the kernel and counted.
@safe
public final class PacketRing {
    /// How large a ring is.
    public struct Size: Hashable, Sendable {
        /// Bytes of a block; a multiple of 4,096.
        public var blockBytes: Int
        /// Number of blocks.
        public var blocks: Int

        /// 8 blocks of 64 KiB: room for about 250 frames of full size, or 4,000 small ones.
        public static let standard = Size(blockBytes: 65_536, blocks: 8)

        /// 8 blocks of 16 KiB, for handshakes alone.
        public static let small = Size(blockBytes: 16_384, blocks: 8)

        /// A size of its own.
        public init(blockBytes: Int, blocks: Int) {
            self.blockBytes = blockBytes
            self.blocks = blocks
        }
    }

    /// What else the interface should receive.
    public enum Reception: Hashable, Sendable {
        /// What the host would get anyway.
        case ordinary
        /// Also groups that nobody here has joined: the announcements of devices.
        case allMulticast
        /// Everything on the wire.
        case promiscuous
    }

    /// Counts since the ring was opened.
    public struct Statistics: Hashable, Sendable {
        /// Frames that passed the filter, dropped ones included.
        public internal(set) var received: UInt64 = 0
        /// Frames that passed the filter and found no room.
        public internal(set) var dropped: UInt64 = 0
        /// Frames whose place in the ring made no sense and that were passed over.
        public internal(set) var malformed: UInt64 = 0
    }

    /// The kernel hands over a block that is not full after so long. With one packet now and then, this is the most
    /// often the agent wakes: four times a second.
    public static let retireMilliseconds: UInt32 = 250
    /// The same for a ring whose frames are few, and must not wait.
    public static let hastyRetireMilliseconds: UInt32 = 20

    /// The interface's name, for messages.
    public let interfaceName: ByteString
    private let socket: Descriptor
    private let size: Size
    private let ring: UnsafeMutableRawPointer
    private var nextBlock = 0
    private var figures = Statistics()

    /// The number to register; it is readable when a block is ready.
    public var descriptor: Int32 { socket.rawValue }

    /// Opens a ring on an interface; needs CAP_NET_RAW. Nothing unfiltered is ever captured: the filter is attached
    /// before the socket is bound.
    public init(
        interface: NetworkInterface,
        filter: CaptureFilter = CaptureFilter(),
        size: Size = .standard,
        reception: Reception = .allMulticast,
        retireMilliseconds: UInt32 = PacketRing.retireMilliseconds
    ) throws(SystemError) {
        let name = interface.name
        guard let program = filter.program() else {
            throw SystemError(code: E2BIG, operation: "make a filter for", subject: name)
        }
        guard size.blockBytes >= 4_096, size.blockBytes % 4_096 == 0, size.blocks > 0 else {
            throw SystemError(code: EINVAL, operation: "make a ring for", subject: name)
        }
        let instructions = program.map {
            sock_filter(code: $0.code, jt: $0.jumpTrue, jf: $0.jumpFalse, k: $0.operand)
        }
        let socket = Descriptor(
            owning: try SystemCall.retrying("capture on", name) {
                unsafe instructions.withUnsafeBufferPointer { buffer in
                    unsafe gh_packet_open(buffer.baseAddress, UInt16(buffer.count))
                }
            }
        )
        let number = socket.rawValue
        _ = try SystemCall.retrying("make a ring for", name) {
            gh_packet_ring(number, UInt32(size.blockBytes), UInt32(size.blocks), retireMilliseconds)
        }
        guard let mapped = unsafe gh_packet_map(number, size.blockBytes * size.blocks) else {
            throw SystemError("map the ring of", name)
        }
        unsafe ring = mapped
        self.socket = socket
        self.size = size
        interfaceName = name
        let index = Int32(bitPattern: interface.index)
        if reception == .allMulticast {
            _ = try SystemCall.retrying("join all groups on", name) { gh_packet_all_multicast(number, index) }
        } else if reception == .promiscuous {
            _ = try SystemCall.retrying("see all frames on", name) { gh_packet_promiscuous(number, index) }
        }
        _ = try SystemCall.retrying("capture on", name) { gh_packet_bind(number, index) }
    }

    deinit { unsafe gh_unmap(ring, size.blockBytes * size.blocks) }

    /// Hands every frame of the blocks that are ready to `body`, at most `blockLimit` blocks, and gives each block
    /// back to the kernel after its last frame. The bytes are the ring's own: they are gone when `body` returns.
    ///
    /// Returns whether more blocks are ready.
    public func forEachFrame(
        blockLimit: Int = 2,
        _ body: (borrowing Span<UInt8>, CapturedFrame) -> Void
    ) -> Bool {
        for _ in 0..<max(blockLimit, 1) {
            let block = unsafe ring + nextBlock * size.blockBytes
            guard unsafe gh_block_is_ready(block) != 0 else { return false }
            unsafe read(block, body)
            unsafe gh_block_release(block)
            nextBlock = (nextBlock + 1) % size.blocks
        }
        let next = unsafe ring + nextBlock * size.blockBytes
        return unsafe gh_block_is_ready(next) != 0
    }

    private func read(_ block: UnsafeMutableRawPointer, _ body: (borrowing Span<UInt8>, CapturedFrame) -> Void) {
        let headerBytes = 48 + 20
        var offset = Int(unsafe gh_block_first_offset(block))
        for _ in 0..<(unsafe gh_block_packets(block)) {
            guard offset >= 0, offset + headerBytes <= size.blockBytes else {
                figures.malformed += 1
                return
            }
            var frame = gh_frame()
            unsafe gh_frame_load(block + offset, &frame)
            let start = offset + Int(frame.data_offset)
            if start >= offset, start + Int(frame.captured) <= size.blockBytes {
                let bytes = unsafe (block + start).assumingMemoryBound(to: UInt8.self)
                let facts = CapturedFrame(
                    timeMicroseconds: frame.time_microseconds,
                    length: frame.length,
                    vlanTag: frame.vlan == UInt32.max ? nil : UInt16(truncatingIfNeeded: frame.vlan),
                    interfaceIndex: frame.interface_index,
                    direction: CapturedFrame.Direction(rawValue: frame.packet_type) ?? .toOther
                )
                body(unsafe Span<UInt8>(_unsafeStart: bytes, count: Int(frame.captured)), facts)
            } else {
                figures.malformed += 1
            }
            guard frame.next_offset > 0 else { return }
            offset += Int(frame.next_offset)
        }
    }

    /// Takes the error that makes the descriptor ready without a frame: the interface went down, or is gone. Until then
    /// epoll tells of it without end. nil where there is none.
    public func takeError() -> SystemError? {
        var pending: Int32 = 0
        guard unsafe gh_socket_get_int(socket.rawValue, SOL_SOCKET, SO_ERROR, &pending) == 0 else {
            return SystemError("ask the state of", interfaceName)
        }
        return pending == 0 ? nil : SystemError(code: pending, operation: "capture on", subject: interfaceName)
    }

    /// Counts since the ring was opened.
    public func statistics() throws(SystemError) -> Statistics {
        var packets: UInt32 = 0
        var drops: UInt32 = 0
        var freezes: UInt32 = 0
        _ = try SystemCall.retrying("count the frames of", interfaceName) {
            unsafe gh_packet_statistics(socket.rawValue, &packets, &drops, &freezes)
        }
        figures.received += UInt64(packets)
        figures.dropped += UInt64(drops)
        return figures
    }
}
