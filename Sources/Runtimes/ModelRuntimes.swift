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
    private let workerUser: WorkerUser
    private let group: any EventLoopGroup
    private let threads: NIOThreadPool
    private let logger: Logger
    private var lightGBM: LightGBMLibrary?

    /// - Parameters:
    ///   - lightGBMFile: LightGBM's shared library, when it is to be neither the system's nor the one beside `python`.
    ///   - workerUser: whom the processes of models run as.
    ///   - threads: where loading and long predictions run.
    package init(
        python: PythonInterpreter, lightGBMFile: String? = nil, limits: WorkerLimits = WorkerLimits(),
        workerUser: WorkerUser = .automatic, group: any EventLoopGroup, threads: NIOThreadPool, logger: Logger
    ) {
        self.python = python
        self.lightGBMFile = lightGBMFile
        self.limits = limits
        self.workerUser = workerUser
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
        return try await pythonWorkers(folder, settings)
    }

    private func pythonWorkers(_ folder: ModelFolder, _ settings: RuntimeSettings) async throws -> any ModelRuntime {
        let logger = logger(of: folder)
        var limits = limits
        if let answer = settings.answer { limits.answer = answer }
        let account = try await threads.runIfActive { [python, workerUser] in
            try workerUser.account(folder: folder.path, python: python) { logger.warning("\($0)") }
        }
        let process = WorkerProcess(
            folder: folder, python: python, limits: limits, memoryBytes: settings.memoryBytes, account: account,
            group: group, threads: threads, log: WorkerLog(logger: logger))
        try settings.batch?.check(folder)
        let workers = PythonWorkers(process, settings: settings, logger: logger)
        try await workers.start()
        guard let batch = settings.batch else { return workers }
        return BatchingRuntime(
            workers, settings: batch, lanes: settings.workers, longestLine: limits.waitingRequests, group: group,
            logger: logger)
    }

    private func logger(of folder: ModelFolder) -> Logger {
        var logger = logger
        logger[metadataKey: "model"] = "\(folder.path)"
        return logger
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
