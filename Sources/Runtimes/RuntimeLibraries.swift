import NIOPosix
import Natives

/// The libraries that models run in. Each is searched when the first model needs it, and kept. One that was missing is
/// searched again, because it may have been installed since.
actor RuntimeLibraries {
    private let python: PythonInterpreter
    private let files: LibraryFiles
    private let threads: NIOThreadPool
    private var foundLightGBM: LightGBMLibrary?
    private var foundONNX: ONNXLibrary?
    private var foundXGBoost: XGBoostLibrary?

    init(python: PythonInterpreter, files: LibraryFiles, threads: NIOThreadPool) {
        self.python = python
        self.files = files
        self.threads = threads
    }

    /// - Throws: `NativesError` that names the package to install, as the others do.
    func lightGBM() async throws -> LightGBMLibrary {
        if let foundLightGBM { return foundLightGBM }
        let library = try await find(.lightGBM, file: files.lightGBM, bind: LightGBMLibrary.init)
        foundLightGBM = library
        return library
    }

    func onnx() async throws -> ONNXLibrary {
        if let foundONNX { return foundONNX }
        let library = try await find(.onnxRuntime, file: files.onnxRuntime, bind: ONNXLibrary.init)
        foundONNX = library
        return library
    }

    func xgBoost() async throws -> XGBoostLibrary {
        if let foundXGBoost { return foundXGBoost }
        let library = try await find(.xgBoost, file: files.xgBoost, bind: XGBoostLibrary.init)
        foundXGBoost = library
        return library
    }

    private func find<Library: Sendable>(
        _ name: LibraryName, file: String?, bind: @escaping @Sendable (NativeLibrary) throws -> Library
    ) async throws -> Library {
        let pythonPath = file == nil ? (try? await python.searchPath()) ?? [] : []
        return try await threads.runIfActive {
            try bind(NativeLibrary.find(name, file: file, pythonPath: pythonPath))
        }
    }
}
