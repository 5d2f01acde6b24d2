import Dispatch
import Foundation

/// Ctrl-C and its like, as something to look at, so that the lab is always taken down in order.
final class Interruption: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var sources: [any DispatchSourceSignal] = []
    private var wasAsked = false

    init() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in self?.ask() }
            source.resume()
            sources.append(source)
        }
    }

    private func ask() {
        lock.lock()
        wasAsked = true
        lock.unlock()
        semaphore.signal()
    }

    /// Whether somebody wants it to end.
    var isAsked: Bool {
        lock.lock()
        defer { lock.unlock() }
        return wasAsked
    }

    /// Until somebody wants it to end.
    func wait() { semaphore.wait() }
}
