import Natives
import Testing

@Suite struct PythonInterpreterTests {
    @Test func tellsWhereItImportsFrom() async throws {
        let python = PythonInterpreter(
            executable: "python3", environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp"])
        let path = try await python.searchPath()
        #expect(path.contains { $0.contains("python3") })
    }

    @Test func tellsWhereItsOwnFunctionsMayBe() async throws {
        let python = PythonInterpreter(
            executable: "python3", environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp"])
        let libraries = try await python.runtimeLibraries()
        #expect(libraries.count >= 2)
        #expect(libraries.allSatisfy { $0.contains("libpython3.") && $0.hasSuffix(".so.1.0") }, "\(libraries)")
        #expect(libraries.last?.contains("/") == false)
    }

    @Test func saysHowToNameAnotherWhenItCannotBeStarted() async throws {
        let python = PythonInterpreter(executable: "/nowhere/python3", environment: ["PATH": "/bin"])
        let error = await #expect(throws: NativesError.self) { try await python.searchPath() }
        #expect(error?.message.hasPrefix("/nowhere/python3 cannot be started") == true)
        #expect(error?.hint == "Pass a Python with --python or MARTLET_PYTHON.")
    }
}
