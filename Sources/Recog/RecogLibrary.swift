internal import NetworkTypes
internal import SystemIO

/// The databases of a directory: Rapid7's `xml`, or a copy of it.
public struct RecogLibrary: Sendable {
    /// In the order of the files' names.
    public private(set) var databases: [RecogDatabase] = []
    /// What is wrong with the files that are left out.
    public private(set) var problems: [RecogProblem] = []
    /// How many files are left out.
    public private(set) var refusedFiles = 0
    /// Which databases a key has, the most preferred first.
    private var byKey: [String: [Int]] = [:]

    /// No databases.
    public init() {}

    /// Reads every `.xml` file of a directory; one that is damaged is left out whole, with its problems told.
    ///
    /// - Throws: a directory that cannot be read, or without one such file.
    public init(reading directory: String) throws(RecogProblem) {
        let names = try Self.names(of: directory)
        guard !names.isEmpty else {
            throw RecogProblem(file: directory, line: 0, message: "no .xml files in it; Recog's are in its folder xml")
        }
        for name in names {
            do throws(RecogProblems) {
                databases.append(try Self.database(name, in: directory))
            } catch {
                refusedFiles += 1
                problems += error.problems
            }
        }
        for index in databases.indices { byKey[databases[index].key, default: []].append(index) }
        for (key, indices) in byKey {
            byKey[key] = indices.sorted {
                let (first, second) = (databases[$0].preference ?? 0, databases[$1].preference ?? 0)
                return first != second ? first > second : $0 < $1
            }
        }
    }

    /// The databases for a kind of banner (`ssh.banner`), the most preferred first.
    public func databases(for key: String) -> [RecogDatabase] { (byKey[key] ?? []).map { databases[$0] } }

    /// How many fingerprints there are.
    public var fingerprintCount: Int { databases.reduce(0) { $0 + $1.fingerprints.count } }

    /// The `.xml` files of a directory, in byte order.
    public static func names(of directory: String) throws(RecogProblem) -> [String] {
        let all: [ByteString]
        do throws(SystemError) {
            // Examples may have folders and files of their own beside the databases.
            all = try FileSystem.list(ByteString(utf8: directory), limit: 16 * RecogLimits.maximumFiles)
        } catch {
            throw RecogProblem(file: directory, line: 0, message: "\(error)")
        }
        let names = all.map(\.text).filter { $0.hasSuffix(".xml") && !$0.hasPrefix(".") }
        guard names.count <= RecogLimits.maximumFiles else {
            throw RecogProblem(file: directory, line: 0, message: "more than \(RecogLimits.maximumFiles) .xml files")
        }
        return names
    }

    /// One file of a directory.
    public static func database(_ name: String, in directory: String) throws(RecogProblems) -> RecogDatabase {
        let path = "\(directory)/\(name)"
        return try database(of: try bytes(of: path), file: name, path: path)
    }

    /// The bytes of a file, not more than a file of fingerprints may have.
    public static func bytes(of path: String) throws(RecogProblems) -> [UInt8] {
        do throws(SystemError) {
            return try FileSystem.read(ByteString(utf8: path), limit: RecogLimits.maximumFileBytes)
        } catch {
            throw RecogProblems([RecogProblem(file: path, line: 0, message: "\(error)")])
        }
    }

    /// A file whose bytes are at hand. `path` is what problems name, and beside what the files of examples lie: those of
    /// `xml/ssh_banners.xml` in the folder `xml/ssh_banners`.
    public static func database(of bytes: [UInt8], file: String, path: String) throws(RecogProblems) -> RecogDatabase {
        try database(of: bytes, file: file, path: path, isInterpreted: false)
    }

    /// The same, where `isInterpreted` without native code: what a system comes to that allows none.
    package static func database(
        of bytes: [UInt8],
        file: String,
        path: String,
        isInterpreted: Bool
    ) throws(RecogProblems) -> RecogDatabase {
        let folder = path.hasSuffix(".xml") ? String(path.dropLast(4)) : path
        let reader = RecogFileReader(path: path, isInterpreted: isInterpreted) { name in
            // A name leads nowhere else.
            guard
                !name.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                    $0 == ".." || $0.isEmpty
                })
            else { return nil }
            return try? FileSystem.read(ByteString(utf8: "\(folder)/\(name)"), limit: RecogLimits.maximumBannerBytes)
        }
        return try reader.database(of: bytes, file: file)
    }
}
