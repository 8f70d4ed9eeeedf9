/// A model in ONNX Runtime. Runs may overlap.
final class ONNXSession: Sendable {
    struct Input: Sendable {
        let name: String
        /// Nil for a type that no request can send.
        let type: ONNXElementType?
        let rank: Int
    }

    let inputs: [Input]
    let outputNames: [String]
    private let library: ONNXLibrary
    private let handle: ONNXLibrary.Handle

    /// Loads a model file. Blocks for milliseconds, for a large one for seconds.
    /// - Parameter threads: how many threads one run uses; with 1 it runs on the caller's.
    /// - Throws: `RuntimeError` when the file is not a model.
    init(library: ONNXLibrary, modelPath: String, threads: Int = 1, optimization: Int32? = nil) throws {
        do {
            let options = try library.make(library.createSessionOptions)
            defer { library.releaseSessionOptions(options) }
            try library.check(library.setIntraThreads(options, Int32(threads)))
            try library.check(library.setInterThreads(options, 1))
            // The arena keeps the most that any batch ever needed, and locks.
            try library.check(library.disableArena(options))
            for pool in ["intra", "inter"] {
                try library.check(library.addSessionConfig(options, "session.\(pool)_op.allow_spinning", "0"))
            }
            if let optimization { try library.check(library.setOptimization(options, optimization)) }
            let handle = try library.make { library.createSession(library.environment, modelPath, options, $0) }
            do {
                inputs = try Self.inputs(of: handle, library)
                outputNames = try (0..<library.number { library.outputCount(handle, $0) }).map { index in
                    try library.name { library.outputName(handle, index, library.allocator, $0) }
                }
            } catch {
                library.releaseSession(handle)
                throw error
            }
            self.library = library
            self.handle = handle
        } catch let failure as ONNXFailure {
            throw RuntimeError.invalidInput("\(modelPath) cannot be loaded: \(failure.line)")
        }
    }

    deinit { library.releaseSession(handle) }

    private static func inputs(of handle: ONNXLibrary.Handle, _ library: ONNXLibrary) throws -> [Input] {
        try (0..<library.number { library.inputCount(handle, $0) }).map { index in
            let name = try library.name { library.inputName(handle, index, library.allocator, $0) }
            let type = try library.make { library.inputType(handle, index, $0) }
            defer { library.releaseTypeInfo(type) }
            guard try library.number({ library.onnxType(type, $0) }) == ONNXValue.tensorType else {
                return Input(name: name, type: nil, rank: 0)
            }
            let info = try library.make { library.tensorInfo(type, $0) }
            let element = try library.number { library.elementType(info, $0) }
            let rank = try library.number { library.rank(info, $0) }
            return Input(name: name, type: ONNXElementType(rawValue: element), rank: rank)
        }
    }

    /// Runs the model. Blocks as long as the model takes.
    /// - Parameters:
    ///   - tensors: one for each input, with its name.
    ///   - options: to end the run from elsewhere; nil for a run that nobody ends.
    /// - Returns: the outputs in the order of `outputNames`.
    /// - Throws: `ONNXFailure` when the model refuses.
    func run(_ tensors: [Tensor], options: ONNXRunOptions? = nil) throws -> [ONNXOutput] {
        let values = try tensors.map { try ONNXValue($0, library) }
        var results = [ONNXLibrary.Handle](repeating: 0, count: outputNames.count)
        let status = withExtendedLifetime((values, options)) {
            CStringList(tensors.map { $0.name ?? "" }).withPointer { inputNames in
                CStringList(outputNames).withPointer { outputNames in
                    library.run(
                        handle, options?.handle ?? 0, inputNames, values.map(\.handle), values.count, outputNames,
                        results.count, &results)
                }
            }
        }
        let outputs = results.map { ONNXValue(owning: $0, library) }
        try library.check(status)
        return try outputs.map { try $0.output() }
    }
}

/// A run that can be ended from another thread.
final class ONNXRunOptions: Sendable {
    fileprivate let handle: ONNXLibrary.Handle
    private let library: ONNXLibrary

    init(_ library: ONNXLibrary) throws {
        handle = try library.make(library.createRunOptions)
        self.library = library
    }

    deinit { library.releaseRunOptions(handle) }

    /// Ends the run under way between two of its nodes; one that comes later ends at once.
    func terminate() {
        try? library.check(library.terminateRun(handle))
    }
}

extension ONNXLibrary {
    /// Takes a name over that the library allocated.
    fileprivate func name(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Status) throws -> String {
        var text: UnsafeMutablePointer<CChar>?
        try check(body(&text))
        guard let text else { return "" }
        defer { _ = freeWithAllocator(allocator, text) }
        return String(cString: text)
    }
}
