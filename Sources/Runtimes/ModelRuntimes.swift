package import Logging
package import NIOCore
package import NIOPosix
package import Natives
import Wire

/// Loads models into what can run them: LightGBM inside the server where the model allows it, Python for all others.
package actor ModelRuntimes {
    private let python: PythonInterpreter
    private let lightGBMFile: String?
    private let limits: WorkerLimits
    private let group: any EventLoopGroup
    private let threads: NIOThreadPool
    private let logger: Logger
    private var lightGBM: LightGBMLibrary?

    /// - Parameters:
    ///   - lightGBMFile: LightGBM's shared library, when it is to be neither the system's nor the one beside `python`.
    ///   - threads: where loading and long predictions run.
    package init(
        python: PythonInterpreter, lightGBMFile: String? = nil, limits: WorkerLimits = WorkerLimits(),
        group: any EventLoopGroup, threads: NIOThreadPool, logger: Logger
    ) {
        self.python = python
        self.lightGBMFile = lightGBMFile
        self.limits = limits
        self.group = group
        self.threads = threads
        self.logger = logger
    }

    /// Loads the model in a folder and makes it ready to answer.
    /// - Throws: `RuntimeError` when the folder holds no model or the model cannot be loaded, `NativesError` when
    ///   something that it needs is not installed.
    package func load(
        path: String, settings: RuntimeSettings = RuntimeSettings()
    ) async throws -> any ModelRuntime {
        let folder = try await threads.runIfActive { try ModelFolder(path: path) }
        if LightGBMRuntime.modelPath(in: folder) != nil {
            let library = try await lightGBMLibrary()
            let runtime = try await threads.runIfActive { [threads] in
                try LightGBMRuntime(folder: folder, library: library, threads: threads)
            }
            if let runtime { return runtime }
        }
        var logger = logger
        logger[metadataKey: "model"] = "\(folder.path)"
        var limits = limits
        if let answer = settings.answer { limits.answer = answer }
        let process = WorkerProcess(
            folder: folder, python: python, limits: limits, group: group, log: WorkerLog(logger: logger))
        return try await PythonWorker.start(process, logger: logger)
    }

    /// The library, found once. A library that was missing is searched again, because it may have been installed since.
    private func lightGBMLibrary() async throws -> LightGBMLibrary {
        if let lightGBM { return lightGBM }
        let pythonPath = lightGBMFile == nil ? (try? await python.searchPath()) ?? [] : []
        let library = try await threads.runIfActive { [lightGBMFile] in
            try LightGBMLibrary(NativeLibrary.find(.lightGBM, file: lightGBMFile, pythonPath: pythonPath))
        }
        lightGBM = library
        return library
    }
}
