import Foundation
import Subprocess
import Synchronization
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A program that serves many tests. It is to end when its standard input does, whose other end this process alone has: so it
/// goes with this process, however that ends.
package final class TetheredProgram: Sendable {
    private let rope: Mutex<FileDescriptor?>
    private let ended: AsyncStream<Never>

    /// Starts a program and waits until it says that it is ready.
    /// - Parameter ready: reads a line that it prints; nil while that is not the one that is waited for.
    /// - Throws: `DidNotStart` with what it printed when it ends before.
    package static func start<Value: Sendable>(
        _ program: FilePath, _ arguments: [String], environment: [String: String],
        ready: @escaping @Sendable (String) -> Value?
    ) async throws -> (program: TetheredProgram, value: Value) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let input = FileDescriptor(rawValue: ends[0])
        let configuration = Configuration(
            executable: .path(program), arguments: Arguments(arguments), environment: .only(environment))
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        Task {
            defer {
                line.finish()
                end.finish()
            }
            _ = try await Subprocess.run(
                configuration, input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                for try await text in execution.standardOutput.strings() { line.yield(text) }
            }
        }
        let tethered = TetheredProgram(rope: FileDescriptor(rawValue: ends[1]), ended: ended)
        var printed = ""
        for await text in lines {
            if let value = ready(text) { return (tethered, value) }
            printed += text + "\n"
        }
        throw DidNotStart(output: printed)
    }

    private init(rope: FileDescriptor, ended: AsyncStream<Never>) {
        self.rope = Mutex(rope)
        self.ended = ended
    }

    /// Writes a line to its standard input.
    package func tell(_ line: String) throws {
        _ = try rope.withLock { rope in try rope?.writeAll(Array((line + "\n").utf8)) }
    }

    /// Ends its standard input, and waits until it has ended.
    package func end() async {
        rope.withLock { rope in
            try? rope?.close()
            rope = nil
        }
        for await _ in ended {}
    }

    package struct DidNotStart: Error {
        package let output: String
    }
}
