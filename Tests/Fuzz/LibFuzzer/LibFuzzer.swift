import Decoders
import Foundation

// libFuzzer brings its own `main` and calls this for every input (llvm.org/docs/LibFuzzer.html). GATEHOUSE_DECODER says
// which decoder of the table it is for.

private let decoder: Decoder = {
    let name = ProcessInfo.processInfo.environment["GATEHOUSE_DECODER"] ?? ""
    guard let decoder = DecoderTable[name] else {
        FileHandle.standardError.write(Data("GATEHOUSE_DECODER: no decoder '\(name)'\n".utf8))
        exit(64)
    }
    return decoder
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func decodeOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = decoder.decode(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
