import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A shared library of this machine, loaded and never unloaded: its thread pools and thread-local destructors would
/// outlive the unloading.
package struct NativeLibrary: Sendable, Hashable {
    /// The file it came from, or the name that the system's loader knew it by.
    package let location: String
    /// What `dlopen` gave, as a number: a raw pointer is not `Sendable`, and a handle is never dereferenced here.
    private let handle: UInt

    /// Finds the library that `name` describes: the file that `file` names if there is one, else what the system's loader
    /// knows, else the copy in one of the folders of a Python's search path. Blocks for some milliseconds.
    /// - Parameter pythonRuntime: files that Python's own functions may be in, for a library that calls them.
    /// - Throws: `NativesError` that names the package to install.
    package static func find(
        _ name: LibraryName, file: String?, pythonPath: [String], pythonRuntime: [String] = []
    ) throws -> NativeLibrary {
        if let file {
            return try load(file, pythonRuntime: pythonRuntime).orThrow { reason in
                NativesError(
                    .unavailable, "\(name.title) cannot be loaded from \(file): \(reason)",
                    hint: hint(for: reason)
                        ?? name.variable.map { "Correct \($0), or unset it to have the library searched." })
            }
        }
        if case .loaded(let library) = load(name.fileName) { return library }
        let places = name.pathBesidePython.map { path in pythonPath.flatMap { files("\($0)/\(path)") } } ?? []
        guard let beside = places.first(where: isReadable) else { throw missing(name) }
        return try load(beside, pythonRuntime: pythonRuntime).orThrow { reason in
            NativesError(.unavailable, "\(name.title) cannot be loaded: \(reason)", hint: hint(for: reason))
        }
    }

    /// The function `name`, typed as its C declaration says. The caller vouches for `type`.
    /// - Throws: `NativesError` when this version of the library does not have it.
    package func function<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: handle), name) else {
            throw NativesError(
                .unavailable, "\(location) has no function \(name).", hint: "Install a newer version of the library.")
        }
        precondition(MemoryLayout<Function>.size == MemoryLayout<UnsafeMutableRawPointer>.size, "not a C function type")
        return unsafeBitCast(symbol, to: type)
    }

    private static func missing(_ name: LibraryName) -> NativesError {
        let elsewhere = name.pathBesidePython == nil ? "" : ", and it is not beside the Python in use"
        let beside = name.pathBesidePython == nil ? "" : " with that Python (--python, MARTLET_PYTHON)"
        let orFile = name.variable.map { ", or set \($0) to the file" } ?? ""
        // Whoever runs by himself waits for no server: the command has failed.
        let code = ProblemCode(name: ProblemCode.unavailable.name, status: ProblemCode.unavailable.status)
        return NativesError(
            code, "\(name.title) is not installed: the system does not know \(name.fileName)\(elsewhere).",
            hint: "Run '\(name.installCommand)'\(beside)\(orFile).")
    }

    private enum Loading {
        case loaded(NativeLibrary)
        case refused(reason: String)

        func orThrow(_ error: (String) -> NativesError) throws -> NativeLibrary {
            switch self {
            case .loaded(let library): return library
            case .refused(let reason): throw error(reason)
            }
        }
    }

    /// A module of Python leaves the functions of Python to whoever loads it: they are made known to all, and stay idle.
    private static func load(_ location: String, pythonRuntime: [String]) -> Loading {
        let loading = load(location)
        guard case .refused(let reason) = loading, reason.contains("undefined symbol: Py"),
            pythonRuntime.contains(where: { dlopen($0, RTLD_LAZY | RTLD_GLOBAL) != nil })
        else { return loading }
        return load(location)
    }

    private static func load(_ location: String) -> Loading {
        guard let handle = dlopen(location, RTLD_NOW | RTLD_LOCAL) else {
            return .refused(reason: dlerror().map { String(cString: $0) } ?? "the loader gives no reason")
        }
        return .loaded(NativeLibrary(location: location, handle: UInt(bitPattern: handle)))
    }

    /// The files that a pattern with `*` stands for, by name.
    private static func files(_ pattern: String) -> [String] {
        guard pattern.contains("*") else { return [pattern] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    private static func isReadable(_ path: String) -> Bool {
        access(path, R_OK) == 0
    }

    /// The package that holds a library which the loader missed on the way.
    private static func hint(for reason: String) -> String? {
        if reason.contains("libgomp.so.1") { return "Run 'apt install libgomp1'." }
        guard reason.contains("undefined symbol: Py") else { return nil }
        return "Install Python's shared library, such as 'apt install libpython3.11' for a Python 3.11."
    }
}
