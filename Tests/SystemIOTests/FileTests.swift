import CLinux
import Foundation
import NetworkTypes
import SystemIO
import Testing

@Suite("Files")
struct FileTests {
    @Test("whole files with a limit", arguments: [0, 1, 4_095, 4_096, 4_097, 100_000])
    func reading(_ size: Int) throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        try FileSystem.writeAtomically(bytes, to: directory.path("f"), mode: 0o600)
        #expect(try FileSystem.read(directory.path("f"), limit: size) == bytes)
        if size > 0 {
            let error = #expect(throws: SystemError.self) { try FileSystem.read(directory.path("f"), limit: size - 1) }
            #expect(error?.code == EFBIG)
        }
    }

    @Test("files that do not say how long they are")
    func procFiles() throws {
        let status = ByteString(try FileSystem.read("/proc/self/status", limit: 65_536))
        #expect(status.firstIndex(of: "VmRSS:") != nil)
        #expect(throws: SystemError.self) { try FileSystem.read("/proc/self/status", limit: 10) }
        #expect(throws: SystemError.self) { try FileSystem.read("/dev/zero", limit: 10_000) }
    }

    @Test("a write replaces a file whole, with its mode, and leaves nothing beside it")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("state")
        for (text, mode) in [("one", 0o600), ("two, longer", 0o644), ("", 0o640)] as [(String, UInt32)] {
            try FileSystem.writeAtomically(Array(text.utf8), to: path, mode: mode)
            #expect(try FileSystem.read(path, limit: 100) == Array(text.utf8))
            #expect(try FileSystem.mode(path) == mode)
        }
        #expect(try FileSystem.list(directory.path, limit: 10) == ["state"])
    }

    @Test("a write that cannot be done leaves the old file as it was")
    func failedWrite() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.makeDirectory(directory.path("taken"), mode: 0o700)
        let error = #expect(throws: SystemError.self) {
            try FileSystem.writeAtomically([1], to: directory.path("taken"), mode: 0o600)
        }
        #expect(error?.code == EISDIR)
        #expect(try FileSystem.list(directory.path, limit: 10) == ["taken"])
    }

    @Test("a move puts one whole file in the place of another")
    func moving() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.writeAtomically([1], to: directory.path("old"), mode: 0o600)
        try FileSystem.writeAtomically([2, 3], to: directory.path("new"), mode: 0o600)
        try FileSystem.move(directory.path("new"), over: directory.path("old"))
        #expect(try FileSystem.read(directory.path("old"), limit: 10) == [2, 3])
        #expect(try FileSystem.list(directory.path, limit: 10) == ["old"])
        let error = #expect(throws: SystemError.self) {
            try FileSystem.move(directory.path("new"), over: directory.path("old"))
        }
        #expect(error?.isMissing == true)
        #expect(try FileSystem.read(directory.path("old"), limit: 10) == [2, 3])
    }

    @Test("errors say what, where and why")
    func errors() {
        let error = #expect(throws: SystemError.self) { try FileSystem.read("/no/such/file", limit: 10) }
        #expect(error?.description == "cannot open /no/such/file: No such file or directory")
        #expect(error?.isMissing == true)
        #expect(throws: SystemError.self) { try FileSystem.read("", limit: 10) }
        var cut: ByteString = "/etc/hostname"
        cut.append(byte: 0)
        cut.append("x")
        let refused = #expect(throws: SystemError.self) { try FileSystem.read(cut, limit: 10_000) }
        #expect(refused?.code == EINVAL)
    }

    @Test("a number is kept, raised and counted up")
    func numbers() throws {
        let directory = try TemporaryDirectory()
        let file = NumberFile(directory.path("epoch"))
        #expect(try file.read() == nil)
        #expect(try file.increment() == 1)
        #expect(try file.increment() == 2)
        #expect(try file.raise(to: 10) == 10)
        #expect(try file.raise(to: 7) == 10)
        #expect(try NumberFile(directory.path("epoch")).read() == 10)
        try FileSystem.writeAtomically(Array("ten\n".utf8), to: directory.path("epoch"), mode: 0o600)
        let error = #expect(throws: SystemError.self) { try file.increment() }
        #expect(error?.code == EILSEQ)
        try file.write(UInt64.max)
        #expect(try file.read() == UInt64.max)
    }

    @Test("a lock is held once, and free again with its owner")
    func locks() throws {
        let directory = try TemporaryDirectory()
        do {
            let first = try LockFile(directory.path("lock"))
            let error = #expect(throws: SystemError.self) { try LockFile(directory.path("lock")) }
            #expect(error?.code == EAGAIN)
            #expect(ByteString(try FileSystem.read(directory.path("lock"), limit: 20)).trimmed.text == "\(getpid())")
            withExtendedLifetime(first) {}
        }
        _ = try LockFile(directory.path("lock"))
    }

    @Test("a mapped file shows its bytes")
    func mapping() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try FileSystem.writeAtomically(bytes, to: directory.path("m"), mode: 0o600)
        let file = try MappedFile(directory.path("m"), limit: 10_000)
        #expect(file.count == 10_000)
        #expect(Self.sum(file) == bytes.reduce(0) { $0 + Int($1) })
        #expect(throws: SystemError.self) { try MappedFile(directory.path("m"), limit: 9_999) }
        try FileSystem.writeAtomically([], to: directory.path("e"), mode: 0o600)
        #expect(Self.sum(try MappedFile(directory.path("e"), limit: 10)) == 0)
    }

    private static func sum(_ file: MappedFile) -> Int {
        var sum = 0
        for index in 0..<file.count { sum += Int(file.bytes[index]) }
        return sum
    }

    @Test("random bytes")
    func random() throws {
        #expect(try SystemRandom.bytes(1_000).count == 1_000)
        #expect(try SystemRandom.bytes(32) != (try SystemRandom.bytes(32)))
    }

    @Test("the service manager hears what it is told")
    func serviceManager() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("notify")
        let raw = socket(AF_UNIX, Int32(gh_datagrams()), 0)
        defer { close(raw) }
        #expect(gh_unix_bind(raw, path.text, path.count) == 0)
        let manager = try ServiceManager(path: path, watchdogMilliseconds: 1_000)
        try manager.sayReady()
        try manager.feedWatchdog()
        try manager.sayStatus("3 devices\nREADY=1")
        try manager.sayStopping()
        var heard: [String] = []
        for _ in 0..<4 {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = recv(raw, &buffer, buffer.count, 0)
            heard.append(String(decoding: buffer[0..<max(count, 0)], as: UTF8.self))
        }
        #expect(heard == ["READY=1\n", "WATCHDOG=1\n", "STATUS=3 devices READY=1\n", "STOPPING=1\n"])
    }
}

@Suite("A tree of sysfs")
struct SysfsRootTests {
    private static func tree() throws -> (TemporaryDirectory, SysfsRoot) {
        let directory = try TemporaryDirectory()
        let manager = FileManager.default
        let root = directory.url.appendingPathComponent("root")
        for folder in ["sys/devices/usb1/1-1", "sys/bus/usb/devices", "sys/class"] {
            try manager.createDirectory(at: root.appendingPathComponent(folder), withIntermediateDirectories: true)
        }
        try Data("046d\n".utf8).write(to: root.appendingPathComponent("sys/devices/usb1/1-1/idVendor"))
        try Data([UInt8](repeating: 0x41, count: 10_000)).write(to: root.appendingPathComponent("sys/long"))
        try Data("secret".utf8).write(to: directory.url.appendingPathComponent("outside"))
        for (link, target) in [
            ("sys/bus/usb/devices/1-1", "../../../devices/usb1/1-1"), ("sys/class/camera", "/sys/devices/usb1/1-1"),
            ("sys/up", "../../../../../outside"), ("sys/absolute", directory.url.path + "/outside"),
            ("sys/around", "around"), ("sys/nowhere", "none"),
            ("sys/folder", "../../../../../../../.."),
        ] {
            try manager.createSymbolicLink(
                atPath: root.appendingPathComponent(link).path,
                withDestinationPath: target
            )
        }
        return (directory, try SysfsRoot(ByteString(utf8: root.path)))
    }

    @Test("links are followed inside the tree")
    func links() throws {
        let (directory, root) = try Self.tree()
        defer { withExtendedLifetime(directory) {} }
        #expect(root.entries(of: "/sys/bus/usb/devices") == ["1-1"])
        #expect(root.resolve("/sys/bus/usb/devices/1-1") == "/sys/devices/usb1/1-1")
        #expect(root.contents(of: "/sys/bus/usb/devices/1-1/idVendor") == "046d\n")
        #expect(root.contents(of: "/sys/class/camera/idVendor") == "046d\n")
        #expect(root.entries(of: "/sys/class/camera") == ["idVendor"])
        #expect(root.contents(of: "/sys/long")?.count == SysfsRoot.attributeBytes)
        #expect(root.resolve("/") == "/")
        #expect(root.entries(of: "/") == ["sys"])
    }

    @Test("an attribute is written and read back; what is not there is not made")
    func writing() throws {
        let (directory, root) = try Self.tree()
        defer { withExtendedLifetime(directory) {} }
        let file = directory.url.appendingPathComponent("root/sys/devices/usb1/1-1/authorized")
        try Data("1".utf8).write(to: file)
        #expect(try root.write("0", to: "/sys/class/camera/authorized") == "0")
        #expect(try Data(contentsOf: file) == Data("0".utf8))
        #expect(throws: SystemError.self) { try root.write("0", to: "/sys/class/camera/none") }
        #expect(root.contents(of: "/sys/class/camera/none") == nil)
        #expect(throws: SystemError.self) { try root.write("0", to: "/sys/class") }
        #expect(throws: SystemError.self) { try root.write("0", to: "/sys/up") }
    }

    @Test("only video nodes are asked what they are for")
    func videoNodes() throws {
        let (directory, root) = try Self.tree()
        defer { withExtendedLifetime(directory) {} }
        let dev = directory.url.appendingPathComponent("root/dev")
        try FileManager.default.createDirectory(at: dev, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: dev.appendingPathComponent("video0"))
        try FileManager.default.createSymbolicLink(
            atPath: dev.appendingPathComponent("video1").path,
            withDestinationPath: "/dev/null"
        )
        for node in ["video0", "video1", "video2", "../sys/long"] as [ByteString] {
            #expect(root.videoCapabilities(of: node) == nil)
            #expect(root.videoCapabilities(of: node) == nil)
        }
        #expect(try SysfsRoot("/").videoCapabilities(of: "null") == nil)
    }

    @Test(
        "nothing leads out",
        arguments: [
            "/sys/up", "/sys/absolute", "/../outside", "/sys/../../outside", "/sys/around", "/sys/nowhere", "/none",
        ]
    )
    func escapes(_ path: String) throws {
        let (directory, root) = try Self.tree()
        defer { withExtendedLifetime(directory) {} }
        #expect(root.contents(of: ByteString(utf8: path)) == nil)
        #expect(root.resolve(ByteString(utf8: path)) == nil)
        #expect(root.resolve("/sys/folder") == "/")
        #expect(root.contents(of: "/sys") == nil)
        #expect(root.entries(of: "/sys/long") == [])
        var cut: ByteString = "/sys/long"
        cut.append(byte: 0)
        #expect(root.contents(of: cut) == nil)
    }

    @Test("A file written part by part takes its place whole, or leaves the old one and nothing beside it")
    func replacement() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("f")
        try FileSystem.writeAtomically([1], to: path, mode: 0o600)
        var file: FileReplacement? = try FileReplacement(of: path, mode: 0o640)
        try file?.write([2, 3])
        #expect(try FileSystem.read(path, limit: 9) == [1])
        #expect(try FileSystem.read(try #require(file?.temporaryPath), limit: 9) == [2, 3])
        file = nil
        #expect(!FileSystem.exists(directory.path("f.new")))
        // What a power cut left is in nobody's way.
        try FileSystem.writeAtomically([9, 9, 9, 9], to: directory.path("f.new"), mode: 0o600)
        let second = try FileReplacement(of: path, mode: 0o640)
        try second.write([4])
        try second.write([5, 6])
        try second.commit()
        #expect(try FileSystem.read(path, limit: 9) == [4, 5, 6])
        #expect(try FileSystem.mode(path) == 0o640)
        #expect(!FileSystem.exists(second.temporaryPath))
    }
}
