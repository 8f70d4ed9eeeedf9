import Blobs
import NIOPosix
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The body that MLflow keeps beside a model whose author gave an example of its input.
enum InputExample {
    /// The example is there to be read: one larger than this is not.
    private static let maximumBytes = 64 << 10

    /// - Returns: nil when there is none.
    static func read(of version: ServedVersion) async throws -> JSON? {
        guard let folder = version.folder?.path else { return nil }
        return try await NIOThreadPool.singleton.runIfActive { read(in: folder) }
    }

    /// Blocks.
    private static func read(in folder: String) -> JSON? {
        let file = folder + "/serving_input_example.json"
        let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        guard let size, size <= maximumBytes, let text = FileManager.default.contents(atPath: file) else {
            return nil
        }
        return try? JSON.parse(text)
    }
}
