import Foundation
import Wire

/// The folder that one server at a time keeps everything in.
struct DataFolder {
    let path: String
    /// Held until the process ends, however it ends.
    private let lock: FileHandle

    /// Makes the folder if it is not there and takes it for this process.
    /// - Throws: `FieldProblem` when it cannot be made or written, or another server has it.
    init(path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw FieldProblem(
                "The data folder \(path) cannot be made: \(error.localizedDescription)",
                hint: "Name another with --data.")
        }
        let descriptor = open("\(path)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FieldProblem(
                "The data folder \(path) cannot be written to: \(String(cString: strerror(errno))).",
                hint: "Check its permissions, or name another with --data.")
        }
        lock = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw FieldProblem(
                "Another server is using the data folder \(path).",
                hint: "End it, or name another folder with --data.")
        }
    }
}
