import Foundation
import NIOPosix
import Natives
import Runtimes
import TestSupport
import Testing
import TrainedModels
import Wire

/// Model folders from files are hostile: none of these may end the server, and each is refused in words.
@Suite(.timeLimit(.minutes(2))) struct BadModelTests {
    private static let files = [
        ("booster", "model.lgb"), ("onnx_zipmap", "model.onnx"), ("xgb_booster", "model.ubj"),
        ("xgb_json", "model.json"),
    ]

    @Test(arguments: files, ["another", "truncated", "empty", "missing"])
    func refusesAModelFileThatIsNotOne(model: (name: String, file: String), damage: String) async throws {
        let folder = try await Self.copy(of: model.name)
        let path = folder.path("model/" + model.file)
        switch damage {
        case "another": try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(filePath: path))
        case "truncated":
            let whole = try Data(contentsOf: URL(filePath: path))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        case "empty": try Data().write(to: URL(filePath: path))
        default: try FileManager.default.removeItem(atPath: path)
        }
        let error = await #expect(throws: RuntimeError.self) {
            try await TrainedModels.runtimes().load(path: folder.path("model"))
        }
        #expect(error?.code.status == 400)
        #expect(error?.message.contains("\n") == false)
    }

    @Test(arguments: ["../booster/model.lgb", "/etc/passwd", "link.lgb", "a/../../x"])
    func refusesAFileOutsideOfTheModelsFolder(data: String) async throws {
        let folder = try await Self.copy(of: "booster")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("model/link.lgb"), withDestinationPath: "/etc/hostname")
        let description = URL(filePath: folder.path("model/MLmodel"))
        let text = try String(contentsOf: description, encoding: .utf8)
        try text.replacing("data: model.lgb", with: "data: \(data)").write(
            to: description, atomically: true, encoding: .utf8)
        let error = await #expect(throws: RuntimeError.self) {
            try await TrainedModels.runtimes().load(path: folder.path("model"))
        }
        #expect(error?.message.hasSuffix("names the file '\(data)', which lies outside of it.") == true)
        #expect(error?.code.status == 400)
    }

    @Test(
        arguments: [
            (
                "onnx_zipmap", "ONNX Runtime", LibraryFiles(onnxRuntime: "/nowhere/lib.so"),
                "MARTLET_ONNXRUNTIME_LIBRARY"
            ),
            ("xgb_booster", "XGBoost", LibraryFiles(xgBoost: "/nowhere/lib.so"), "MARTLET_XGBOOST_LIBRARY"),
            ("booster", "LightGBM", LibraryFiles(lightGBM: "/nowhere/lib.so"), "MARTLET_LIGHTGBM_LIBRARY"),
        ])
    func saysWhichLibraryIsMissing(model: String, title: String, files: LibraryFiles, variable: String) async throws {
        let runtimes = ModelRuntimes(
            python: TrainedModels.python, libraryFiles: files, group: MultiThreadedEventLoopGroup.singleton,
            threads: .singleton, logger: LiveServer.quiet)
        let path = try await TrainedModels.get().path(model)
        let error = await #expect(throws: NativesError.self) { try await runtimes.load(path: path) }
        #expect(error?.message.hasPrefix("\(title) cannot be loaded from /nowhere/lib.so") == true)
        #expect(error?.hint?.contains(variable) == true)
    }

    @Test func readsTheFilesOfLibrariesFromTheEnvironment() {
        let files = LibraryFiles(environment: [
            "MARTLET_LIGHTGBM_LIBRARY": "/a", "MARTLET_ONNXRUNTIME_LIBRARY": "/b", "MARTLET_XGBOOST_LIBRARY": "",
        ])
        #expect(files == LibraryFiles(lightGBM: "/a", onnxRuntime: "/b"))
    }

    private static func copy(of name: String) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: try await TrainedModels.get().path(name), toPath: folder.path("model"))
        return folder
    }
}
