package import Subprocess
import Wire

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The Python that models and libraries of this machine belong to.
package struct PythonInterpreter: Sendable, Hashable {
    /// A path, or a name to look up on the `PATH` of `environment`.
    package let executable: String
    /// All that its processes see of the environment: at least `PATH` and `HOME`.
    package let environment: [String: String]

    package init(executable: String, environment: [String: String]) {
        self.executable = executable
        self.environment = environment
    }

    /// The folders it imports from, in order. Starts it once, so ask once.
    /// - Throws: `NativesError` when it cannot be started.
    package func searchPath() async throws -> [String] {
        let question = "import json, sys; print(json.dumps([path for path in sys.path if path]))"
        let json = try JSON.parse(try await answer(to: question))
        return json.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// The files that its own functions may be in, for libraries that call them, the likeliest first. None need be there: a
    /// Python may have everything in its executable. Starts it once.
    /// - Throws: `NativesError` when it cannot be started.
    package func runtimeLibraries() async throws -> [String] {
        let question = """
            import json, sys, sysconfig
            name = "libpython%d.%d.so.1.0" % sys.version_info[:2]
            folders = [sysconfig.get_config_var("LIBDIR"), sys.base_prefix + "/lib"]
            print(json.dumps([folder + "/" + name for folder in folders if folder] + [name]))
            """
        return try JSON.parse(try await answer(to: question)).arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// What a few lines of Python print.
    private func answer(to program: String) async throws -> String {
        do {
            let result = try await Subprocess.run(
                subprocessExecutable, arguments: ["-c", program], environment: .custom(environment.subprocessKeys),
                output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                throw NativesError(
                    .unavailable, "\(executable) cannot run Python: \(result.standardError.suffix(400))",
                    hint: Self.hint)
            }
            return result.standardOutput
        } catch let error as SubprocessError {
            throw NativesError(.unavailable, "\(executable) cannot be started: \(error)", hint: Self.hint)
        }
    }

    private static let hint = "Pass a Python with --python or MARTLET_PYTHON."
}

extension PythonInterpreter {
    /// How `Subprocess` finds it.
    package var subprocessExecutable: Executable {
        executable.contains("/") ? .path(FilePath(executable)) : .name(executable)
    }
}

extension [String: String] {
    /// The form that `Subprocess` takes an environment in.
    package var subprocessKeys: [Environment.Key: String] {
        Dictionary<Environment.Key, String>(
            uniqueKeysWithValues: compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } })
    }
}
