import CLinux
import Foundation
import NetworkTypes
import SystemIO
import Testing

@Suite("Event loop")
struct EventLoopTests {
    @Test("hands back the tokens of what is ready, and only those")
    func tokens() throws {
        let directory = try TemporaryDirectory()
        let listener = try StreamListener(unix: directory.path("s"), mode: 0o600)
        let loop = try EventLoop()
        try loop.add(listener.descriptor, token: 7, interest: .readable)
        var events: [EventLoop.Readiness] = []
        try loop.wait(timeoutMilliseconds: 0, into: &events)
        #expect(events.isEmpty)

        let client = try ByteStream.connected(toUnix: directory.path("s"))
        try loop.wait(timeoutMilliseconds: 1_000, into: &events)
        #expect(events.map(\.token) == [7])
        #expect(events.first?.isReadable == true)
        #expect(events.first?.isHangup == false)

        let server = try #require(try listener.accept())
        #expect(try listener.accept() == nil)
        // A token beyond 32 bits comes back whole.
        try loop.add(server.descriptor, token: UInt64.max, interest: [.readable, .writable])
        try loop.wait(timeoutMilliseconds: 1_000, into: &events)
        #expect(events.map(\.token) == [UInt64.max])
        #expect(events.first?.isWritable == true)
        #expect(events.first?.isReadable == false)

        #expect(try client.send(Array("hello".utf8)) == 5)
        client.finishSending()
        try loop.modify(server.descriptor, token: 9, interest: .readable)
        try loop.wait(timeoutMilliseconds: 1_000, into: &events)
        #expect(events.map(\.token) == [9])
        #expect(events.first?.isHangup == true)
        var buffer: [UInt8] = [0x21]
        #expect(try server.receive(into: &buffer, limit: 100) == .received(5))
        #expect(buffer == Array("!hello".utf8))
        #expect(try server.receive(into: &buffer, limit: 100) == .end)
        #expect(buffer.count == 6)

        loop.remove(server.descriptor)
        loop.remove(listener.descriptor)
        try loop.wait(timeoutMilliseconds: 0, into: &events)
        #expect(events.isEmpty)
    }

    @Test("a batch has its limit, and the rest comes with the next wait")
    func batches() throws {
        let loop = try EventLoop()
        let count = EventLoop.batchLimit + 16
        var timers: [IntervalTimer] = []
        for token in 0..<count {
            let timer = try IntervalTimer()
            try loop.add(timer.descriptor, token: UInt64(token), interest: .readable)
            try timer.arm(afterMilliseconds: 1)
            timers.append(timer)
        }
        usleep(20_000)
        var seen: Set<UInt64> = []
        var events: [EventLoop.Readiness] = []
        for _ in 0..<2 {
            try loop.wait(timeoutMilliseconds: 1_000, into: &events)
            #expect(events.count <= EventLoop.batchLimit)
            for event in events {
                seen.insert(event.token)
                #expect(try timers[Int(event.token)].acknowledge() == 1)
            }
        }
        #expect(seen.count == count)
    }

    @Test("a timer counts what was missed, and keeps still when disarmed")
    func timers() throws {
        let timer = try IntervalTimer()
        #expect(try timer.acknowledge() == 0)
        try timer.arm(afterMilliseconds: 1, everyMilliseconds: 1)
        usleep(30_000)
        #expect(try timer.acknowledge() > 1)
        try timer.disarm()
        usleep(5_000)
        #expect(try timer.acknowledge() == 0)
        // 0 would disarm: it means as soon as can be.
        try timer.arm(afterMilliseconds: 0)
        usleep(20_000)
        #expect(try timer.acknowledge() == 1)
    }

    @Test("nothing armed and nothing arriving: no wake-up of its own")
    func idle() throws {
        let loop = try EventLoop()
        let timer = try IntervalTimer()
        try loop.add(timer.descriptor, token: 1, interest: .readable)
        var events: [EventLoop.Readiness] = []
        try loop.wait(timeoutMilliseconds: 100, into: &events)
        #expect(events.isEmpty)
        #expect(loop.wakeUps == 1)
    }

    @Test("a descriptor that is not open is an error with its reason")
    func badDescriptor() throws {
        let loop = try EventLoop()
        let error = #expect(throws: SystemError.self) { try loop.add(99_999, token: 1, interest: .readable) }
        #expect(error?.description == "cannot watch a descriptor: Bad file descriptor")
    }

    @Test("signals become requests")
    func signals() throws {
        // In a child process: what a signal does is the same for a whole process.
        let child = gh_fork()
        if child == 0 {
            guard let source = try? SignalSource() else { _exit(2) }
            guard (try? source.next()) == .some(nil) else { _exit(3) }
            kill(getpid(), SIGHUP)
            guard (try? source.next()) == .some(.reload) else { _exit(4) }
            kill(getpid(), SIGTERM)
            guard (try? source.next()) == .some(.terminate) else { _exit(5) }
            kill(getpid(), SIGINT)
            guard (try? source.next()) == .some(.terminate) else { _exit(6) }
            kill(getpid(), SIGPIPE)
            kill(getpid(), SIGCHLD)
            guard (try? source.next()) == .some(nil) else { _exit(7) }
            _exit(0)
        }
        var status: Int32 = -1
        waitpid(child, &status, 0)
        #expect(status == 0)
    }

    @Test("clocks go forward")
    func clocks() {
        let first = SystemClock.monotonicMicroseconds()
        #expect(SystemClock.monotonicMicroseconds() >= first)
        // 2020-01-01: this machine's clock is set.
        #expect(SystemClock.wallMilliseconds() > 1_577_836_800_000)
    }
}
