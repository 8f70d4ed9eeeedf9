import CAssets

/// A file of the web pages, embedded in the binary.
package struct Asset: Sendable {
    package let name: String
    package let bytes: [UInt8]

    /// All embedded files.
    package static let all: [Asset] = (0..<martlet_asset_count()).map { index in
        let asset = martlet_asset_at(index)
        return Asset(
            name: String(cString: asset.name), bytes: Array(UnsafeBufferPointer(start: asset.bytes, count: asset.size)))
    }
}
