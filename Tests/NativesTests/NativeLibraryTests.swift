import Natives
import TestSupport
import Testing
import Wire

@Suite struct NativeLibraryTests {
    private static func library(fileName: String) -> LibraryName {
        LibraryName(
            title: "Maths", fileName: fileName, pathBesidePython: "maths/lib/maths.so",
            variable: "MARTLET_MATHS_LIBRARY", installCommand: "pip install maths")
    }

    @Test func bindsAFunctionOfASystemLibrary() throws {
        let library = try NativeLibrary.find(Self.library(fileName: "libm.so.6"), file: nil, pythonPath: [])
        let cosine: @convention(c) @Sendable (Double) -> Double = try library.function("cos")
        #expect(cosine(0) == 1)
    }

    @Test func namesTheFunctionThatALibraryLacks() throws {
        let library = try NativeLibrary.find(Self.library(fileName: "libm.so.6"), file: nil, pythonPath: [])
        let error = #expect(throws: NativesError.self) {
            _ = try library.function("no_such_function", as: (@convention(c) @Sendable () -> Int32).self)
        }
        #expect(error?.message == "libm.so.6 has no function no_such_function.")
    }

    @Test func saysWhichPackageToInstallForAMissingLibrary() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: NativesError.self) {
            try NativeLibrary.find(Self.library(fileName: "lib_none.so"), file: nil, pythonPath: [folder.path])
        }
        #expect(error?.message.contains("the system does not know lib_none.so") == true)
        #expect(
            error?.hint
                == "Run 'pip install maths' with that Python (--python, MARTLET_PYTHON), or set MARTLET_MATHS_LIBRARY to the file."
        )
        // 7 is for a server that does not answer.
        #expect(error?.code.exitCode == 1)
        #expect(error?.code.status == 503)
    }

    @Test func aLibraryThatNoWheelHoldsIsOnlyAskedOfTheSystem() throws {
        let name = LibraryName(title: "Ink", fileName: "lib_ink.so", installCommand: "apt install libink")
        let error = #expect(throws: NativesError.self) { try NativeLibrary.find(name, file: nil, pythonPath: ["/tmp"]) }
        #expect(error?.message == "Ink is not installed: the system does not know lib_ink.so.")
        #expect(error?.hint == "Run 'apt install libink'.")
    }

    @Test func looksBesidePythonWhenTheSystemHasNone() throws {
        let folder = try TemporaryFolder()
        try folder.write("not a library", to: "maths/lib/maths.so")
        let error = #expect(throws: NativesError.self) {
            try NativeLibrary.find(Self.library(fileName: "lib_none.so"), file: nil, pythonPath: [folder.path])
        }
        // The file was found and tried: the loader's own reason is passed on.
        #expect(error?.message.contains("\(folder.path)/maths/lib/maths.so") == true)
    }

    @Test func aStarInItsPathStandsForWhatDiffersBetweenPythons() throws {
        let folder = try TemporaryFolder()
        try folder.write("not a library", to: "_maths.cpython-311.so")
        let name = LibraryName(
            title: "Maths", fileName: "lib_none.so", pathBesidePython: "_maths.*.so",
            installCommand: "pip install maths")
        let error = #expect(throws: NativesError.self) {
            try NativeLibrary.find(name, file: nil, pythonPath: ["/nowhere", folder.path])
        }
        #expect(error?.message.contains("\(folder.path)/_maths.cpython-311.so") == true)
    }

    @Test func takesTheNamedFileAndNoOther() throws {
        let error = #expect(throws: NativesError.self) {
            try NativeLibrary.find(
                Self.library(fileName: "libm.so.6"), file: "/nowhere/maths.so", pythonPath: [])
        }
        #expect(error?.message.contains("/nowhere/maths.so") == true)
        #expect(error?.hint?.contains("MARTLET_MATHS_LIBRARY") == true)
    }
}
