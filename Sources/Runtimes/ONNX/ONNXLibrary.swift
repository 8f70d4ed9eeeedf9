import Natives
import Wire

/// The C functions of ONNX Runtime that serving needs, by their place in its table of functions
/// (`onnxruntime_c_api.h`; the table only ever grows at its end, so that version 16 of it is the same in every later
/// library; checked with 1.20, 1.22, 1.24 and 1.31).
///
/// Handles are numbers here: they are passed on, never dereferenced, and raw pointers are not `Sendable`.
struct ONNXLibrary: Sendable {
    typealias Handle = UInt
    /// 0 when a call went well.
    typealias Status = UInt
    typealias Release = @convention(c) @Sendable (Handle) -> Void
    typealias Count = @convention(c) @Sendable (Handle, UnsafeMutablePointer<Int>) -> Status
    /// Something → something that belongs to it, or that is made of it.
    typealias Part = @convention(c) @Sendable (Handle, UnsafeMutablePointer<Handle>) -> Status
    typealias IndexedPart = @convention(c) @Sendable (Handle, Int, UnsafeMutablePointer<Handle>) -> Status
    typealias Name =
        @convention(c) @Sendable (Handle, Int, Handle, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Status
    typealias Number = @convention(c) @Sendable (Handle, UnsafeMutablePointer<Int32>) -> Status
    typealias Setting = @convention(c) @Sendable (Handle, Int32) -> Status
    typealias Switch = @convention(c) @Sendable (Handle) -> Status

    /// One for the process: the library hands out the same one each time. Never released.
    let environment: Handle
    /// The default one, shared and never released.
    let allocator: Handle
    let releaseStatus: Release
    let createSession:
        @convention(c) @Sendable (Handle, UnsafePointer<CChar>, Handle, UnsafeMutablePointer<Handle>) -> Status
    let releaseSession: Release
    let createSessionOptions: @convention(c) @Sendable (UnsafeMutablePointer<Handle>) -> Status
    let releaseSessionOptions: Release
    let disableArena: Switch
    let setOptimization: Setting
    let setIntraThreads: Setting
    let setInterThreads: Setting
    let addSessionConfig: @convention(c) @Sendable (Handle, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Status
    let inputCount: Count
    let outputCount: Count
    let inputName: Name
    let outputName: Name
    let inputType: IndexedPart
    let releaseTypeInfo: Release
    let onnxType: Number
    /// Borrowed: not to be released.
    let tensorInfo: Part
    let freeWithAllocator: @convention(c) @Sendable (Handle, UnsafeMutableRawPointer?) -> Status
    /// Session, run options or 0, input names, inputs, how many, output names, how many, outputs.
    let run:
        @convention(c) @Sendable (
            Handle, Handle, UnsafePointer<UnsafeMutablePointer<CChar>?>, UnsafePointer<Handle>, Int,
            UnsafePointer<UnsafeMutablePointer<CChar>?>, Int, UnsafeMutablePointer<Handle>
        ) -> Status
    let createRunOptions: @convention(c) @Sendable (UnsafeMutablePointer<Handle>) -> Status
    let releaseRunOptions: Release
    let terminateRun: Switch
    /// Allocator, dimensions, how many, element type → value that owns its memory.
    let createTensor:
        @convention(c) @Sendable (Handle, UnsafePointer<Int64>, Int, Int32, UnsafeMutablePointer<Handle>) -> Status
    let tensorData: @convention(c) @Sendable (Handle, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Status
    let fillText: @convention(c) @Sendable (Handle, UnsafePointer<CChar>, Int) -> Status
    let textLength: Count
    /// Value, buffer, its length, where each text begins, how many.
    let texts: @convention(c) @Sendable (Handle, UnsafeMutableRawPointer, Int, UnsafeMutablePointer<Int>, Int) -> Status
    let releaseValue: Release
    let valueType: Number
    let valueTensorInfo: Part
    let releaseTensorInfo: Release
    let elementType: Number
    let rank: Count
    let dimensions: @convention(c) @Sendable (Handle, UnsafeMutablePointer<Int64>, Int) -> Status
    let valueCount: Count
    /// Value, index, allocator → element of a sequence; of a map its keys (0) or values (1).
    let element: @convention(c) @Sendable (Handle, Int32, Handle, UnsafeMutablePointer<Handle>) -> Status
    private let errorCode: @convention(c) @Sendable (Status) -> Int32
    private let errorMessage: @convention(c) @Sendable (Status) -> UnsafePointer<CChar>

    init(_ library: NativeLibrary) throws {
        let table = try FunctionTable(library)
        releaseStatus = table[93]
        createSession = table[7]
        releaseSession = table[95]
        createSessionOptions = table[10]
        releaseSessionOptions = table[100]
        disableArena = table[19]
        setOptimization = table[23]
        setIntraThreads = table[24]
        setInterThreads = table[25]
        addSessionConfig = table[130]
        inputCount = table[30]
        outputCount = table[31]
        inputName = table[36]
        outputName = table[37]
        inputType = table[33]
        releaseTypeInfo = table[98]
        onnxType = table[56]
        tensorInfo = table[55]
        freeWithAllocator = table[76]
        run = table[9]
        createRunOptions = table[39]
        releaseRunOptions = table[97]
        terminateRun = table[46]
        createTensor = table[48]
        tensorData = table[51]
        fillText = table[129]
        textLength = table[53]
        texts = table[54]
        releaseValue = table[96]
        valueType = table[67]
        valueTensorInfo = table[65]
        releaseTensorInfo = table[99]
        elementType = table[60]
        rank = table[61]
        dimensions = table[62]
        valueCount = table[81]
        element = table[80]
        errorCode = table[1]
        errorMessage = table[2]
        let createEnvironment: @convention(c) (Int32, UnsafePointer<CChar>, UnsafeMutablePointer<Handle>) -> Status =
            table[3]
        let defaultAllocator: @convention(c) (UnsafeMutablePointer<Handle>) -> Status = table[78]
        var environment: Handle = 0
        var allocator: Handle = 0
        let statuses = [createEnvironment(Self.logsNothing, "martlet", &environment), defaultAllocator(&allocator)]
        self.environment = environment
        self.allocator = allocator
        for status in statuses { try check(status) }
    }

    /// Failures come back as statuses; the library would print them too.
    private static let logsNothing: Int32 = 4

    /// - Throws: `ONNXFailure` with the library's own words when a call failed.
    func check(_ status: Status) throws {
        guard status != 0 else { return }
        defer { releaseStatus(status) }
        throw ONNXFailure(code: errorCode(status), message: String(cString: errorMessage(status)))
    }

    /// Makes something with a function that writes its handle.
    func make(_ body: (UnsafeMutablePointer<Handle>) -> Status) throws -> Handle {
        var handle: Handle = 0
        try check(body(&handle))
        return handle
    }

    /// Asks for a number with a function that writes it.
    func number<Value: FixedWidthInteger>(_ body: (UnsafeMutablePointer<Value>) -> Status) throws -> Value {
        var value: Value = 0
        try check(body(&value))
        return value
    }
}

/// What a call of ONNX Runtime came to.
struct ONNXFailure: Error {
    let code: Int32
    let message: String

    /// The message on one line.
    var line: String {
        message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// The table that `OrtGetApiBase` leads to.
private struct FunctionTable {
    private let entries: UnsafePointer<UInt>
    private static let version: UInt32 = 16

    init(_ library: NativeLibrary) throws {
        let getBase: @convention(c) () -> UnsafePointer<UInt> = try library.function("OrtGetApiBase")
        let getTable = unsafeBitCast(
            getBase()[0], to: (@convention(c) (UInt32) -> UnsafePointer<UInt>?).self)
        guard let entries = getTable(Self.version) else {
            throw NativesError(
                .unavailable, "\(library.location) is older than ONNX Runtime 1.16.",
                hint: "Run 'pip install --upgrade onnxruntime'.")
        }
        self.entries = entries
    }

    /// The function at a place of the table; the caller vouches for its type.
    subscript<Function>(index: Int) -> Function {
        precondition(MemoryLayout<Function>.size == MemoryLayout<UInt>.size, "not a C function type")
        return unsafeBitCast(entries[index], to: Function.self)
    }
}
