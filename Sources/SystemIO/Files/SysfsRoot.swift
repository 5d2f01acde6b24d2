internal import CLinux
public import NetworkTypes

/// A tree of files that stands for `/`, so that a test or `--sysroot` can show another host's /sys. No path and no link
/// in it leads out: an absolute link starts again at the tree's root, and `..` stops there.
public final class SysfsRoot {
    /// Links followed for one path (the kernel's own MAXSYMLINKS is 40).
    public static let linkLimit = 40
    /// Names listed of one folder.
    public static let entryLimit = 4_096
    /// Bytes read of one attribute: a page, which is all that the kernel gives.
    public static let attributeBytes = 4_096

    private let root: Descriptor
    /// V4L2 nodes that were asked, and their answers; empty where a node gave none.
    private var videoNodes: [ByteString] = []
    private var videoAnswers: [[UInt8]] = []

    /// A tree; `/` for the real one.
    public init(_ root: ByteString) throws(SystemError) {
        try root.checkedAsPath("open")
        self.root = try Descriptor.open(root, O_RDONLY | O_DIRECTORY)
    }

    /// The path without links that `path` stands for, from the tree's root; nil where it does not exist.
    public func resolve(_ path: ByteString) -> ByteString? {
        var pending: [ByteString] = SysfsRoot.parts(path).reversed()
        var done: [ByteString] = []
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = done.popLast()
                continue
            }
            done.append(part)
            guard let target = readLink(SysfsRoot.relative(done)) else {
                guard kind(SysfsRoot.relative(done)) >= 0 else { return nil }
                continue
            }
            links += 1
            guard links <= SysfsRoot.linkLimit else { return nil }
            if target.bytes.first == 0x2F { done.removeAll() } else { done.removeLast() }
            pending.append(contentsOf: SysfsRoot.parts(target).reversed())
        }
        var result = ByteString()
        for part in done {
            result.append(byte: 0x2F)
            result.append(part)
        }
        return result.isEmpty ? "/" : result
    }

    /// Names in a folder in byte order, at most `entryLimit`; empty where it is none or cannot be read.
    public func entries(of directory: ByteString) -> [ByteString] {
        guard let path = resolve(directory),
            let folder = try? open(SysfsRoot.relative(SysfsRoot.parts(path)), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        else { return [] }
        return (try? Descriptor.list(folder, path, limit: SysfsRoot.entryLimit)) ?? []
    }

    /// What a file holds, at most `attributeBytes` of it; nil where it cannot be read. Only regular files are opened:
    /// reading a device node could do something.
    public func contents(of file: ByteString) -> ByteString? {
        guard let path = resolve(file) else { return nil }
        let relative = SysfsRoot.relative(SysfsRoot.parts(path))
        guard kind(relative) == 1, let file = try? open(relative, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            return nil
        }
        guard let bytes = try? file.read(SysfsRoot.attributeBytes, at: 0, path) else { return nil }
        return ByteString(bytes)
    }

    /// The `struct v4l2_capability` with which the driver of `/dev/NODE` answers VIDIOC_QUERYCAP; nil where it cannot be
    /// asked.
    ///
    /// Opening a node can wake a camera up, so each is asked once, until `forgetVideoNodes`.
    public func videoCapabilities(of node: ByteString) -> [UInt8]? {
        var index = 0
        while index < videoNodes.count, videoNodes[index] != node { index += 1 }
        if index == videoNodes.count {
            guard index < SysfsRoot.entryLimit else { return nil }
            var bytes = [UInt8](repeating: 0, count: Int(GH_VIDEO_CAPABILITY_BYTES))
            let number = root.rawValue
            let result = unsafe ("dev/\(node)" as ByteString).withTerminated { path in
                unsafe bytes.withUnsafeMutableBytes { unsafe gh_video_capabilities(number, path, $0.baseAddress) }
            }
            if result < 0 { bytes.removeAll() }
            videoNodes.append(node)
            videoAnswers.append(bytes)
        }
        return videoAnswers[index].isEmpty ? nil : videoAnswers[index]
    }

    /// Asks all V4L2 nodes anew: one was plugged in or pulled out.
    public func forgetVideoNodes() {
        videoNodes.removeAll()
        videoAnswers.removeAll()
    }

    /// Writes to an attribute that is there, and gives what it reads then, without blanks.
    public func write(_ text: ByteString, to file: ByteString) throws(SystemError) -> ByteString {
        guard let path = resolve(file) else {
            throw SystemError(code: ENOENT, operation: "write", subject: file)
        }
        let relative = SysfsRoot.relative(SysfsRoot.parts(path))
        guard kind(relative) == 1 else { throw SystemError(code: EINVAL, operation: "write", subject: file) }
        try open(relative, O_WRONLY | O_NOFOLLOW | O_NONBLOCK).writeAll(text.bytes, file)
        return contents(of: file)?.trimmed ?? ""
    }

    private func open(_ relative: ByteString, _ flags: Int32) throws(SystemError) -> Descriptor {
        let number = root.rawValue
        return Descriptor(
            owning: try SystemCall.retrying("open", relative) {
                unsafe relative.withTerminated { unsafe gh_openat(number, $0, flags, 0) }
            }
        )
    }

    private func kind(_ relative: ByteString) -> Int32 {
        let number = root.rawValue
        return unsafe relative.withTerminated { unsafe gh_file_kind(number, $0) }
    }

    private func readLink(_ relative: ByteString) -> ByteString? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let number = root.rawValue
        let count = unsafe relative.withTerminated { path in
            unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe gh_read_link(number, path, bytes.baseAddress, bytes.count)
            }
        }
        guard count > 0, count < buffer.count else { return nil }
        return ByteString(Array(buffer[0..<count]))
    }

    private static func parts(_ path: ByteString) -> [ByteString] {
        // A zero byte would end the path for C: such a path exists nowhere.
        guard !path.bytes.contains(0) else { return ["\u{1}"] }
        return path.split(0x2F).filter { !$0.isEmpty }
    }

    private static func relative(_ parts: [ByteString]) -> ByteString {
        guard !parts.isEmpty else { return "." }
        var path = ByteString()
        for part in parts {
            if !path.isEmpty { path.append(byte: 0x2F) }
            path.append(part)
        }
        return path
    }
}
