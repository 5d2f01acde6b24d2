import Fingerprinting
import Foundation
import NetworkTypes
import TestSupport

/// A sysfs tree in memory: files and links by path.
final class FakeSysfs: SysfsTree {
    private(set) var files: [String: [UInt8]] = [:]
    private var links: [String: String] = [:]
    private var folders: Set<String> = []
    /// What the drivers of the nodes of /dev answer.
    var capabilities: [String: [UInt8]] = [:]
    /// How often anything was asked: the work that a tree makes.
    private(set) var requests = 0

    func add(device path: String, _ attributes: [String: String] = [:]) {
        note(path)
        for (name, value) in attributes { add(file: "\(path)/\(name)", Array(value.utf8)) }
    }

    func add(file path: String, _ bytes: [UInt8]) {
        note((path as NSString).deletingLastPathComponent)
        files[path] = bytes
    }

    /// A link; a target that does not begin with `/` goes from the link's folder.
    func link(_ path: String, to target: String) {
        note((path as NSString).deletingLastPathComponent)
        links[path] = target
    }

    private func note(_ folder: String) {
        var path = folder
        while path.count > 1, folders.insert(path).inserted { path = (path as NSString).deletingLastPathComponent }
    }

    private func real(_ path: String) -> String? {
        var pending = path.split(separator: "/").map(String.init).reversed() as [String]
        var done: [String] = []
        var followed = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = done.popLast()
                continue
            }
            done.append(part)
            guard let target = links["/" + done.joined(separator: "/")] else { continue }
            followed += 1
            if followed > 40 { return nil }
            if target.hasPrefix("/") { done = [] } else { done.removeLast() }
            pending += target.split(separator: "/").map(String.init).reversed()
        }
        let result = "/" + done.joined(separator: "/")
        return files[result] != nil || folders.contains(result) ? result : nil
    }

    func entries(of directory: ByteString) -> [ByteString] {
        requests += 1
        guard let path = real(directory.text) else { return [] }
        let prefix = path + "/"
        let names = (Array(files.keys) + Array(links.keys) + Array(folders)).filter { $0.hasPrefix(prefix) }.compactMap
        {
            $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
        }
        return Set(names).map { ByteString(utf8: $0) }
    }

    func contents(of file: ByteString) -> ByteString? {
        requests += 1
        return real(file.text).flatMap { files[$0] }.map { ByteString(Array($0.prefix(4096))) }
    }

    func resolve(_ path: ByteString) -> ByteString? {
        requests += 1
        return real(path.text).map { ByteString(utf8: $0) }
    }

    func videoCapabilities(of node: ByteString) -> [UInt8]? { capabilities[node.text] }

    /// Adds a USB device below the first controller, and its interfaces.
    func addUSB(_ port: String, _ attributes: [String: String], interfaces: [(String, String, String)] = []) {
        let path = "/sys/devices/pci0000:00/usb1/\(port)"
        add(device: path, attributes)
        link("/sys/bus/usb/devices/\(port)", to: path)
        for (index, interface) in interfaces.enumerated() {
            let own = "\(path)/\(port):1.\(index)"
            add(
                device: own,
                [
                    "bInterfaceClass": interface.0 + "\n", "bInterfaceSubClass": interface.1 + "\n",
                    "bInterfaceProtocol": interface.2 + "\n",
                ]
            )
            link("/sys/bus/usb/devices/\(port):1.\(index)", to: own)
        }
    }

    /// Adds a device that a class or a bus lists, `listed` being its name there: `/sys/class/net/wwan0`.
    func add(_ path: String, as listed: String, _ attributes: [String: String]) {
        add(device: path, attributes)
        link(listed, to: path)
    }

    /// Adds what was recorded.
    func add(_ recording: UmockdevRecording) {
        for device in recording.devices {
            add(device: device.path)
            for (name, bytes) in device.attributes { add(file: "\(device.path)/\(name)", bytes) }
            for (name, target) in device.links {
                link("\(device.path)/\(name)", to: target)
                // What a driver's link leads to is outside of the recording.
                let folder = (device.path as NSString).appendingPathComponent(target)
                if name == "driver" { note((folder as NSString).standardizingPath) }
            }
            if !device.listed.isEmpty { link(device.listed, to: device.path) }
        }
    }
}
