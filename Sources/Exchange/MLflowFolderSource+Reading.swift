import Foundation
import Wire
import Yams

// Reading the files of MLflow's file store.

extension MLflowFolderSource {
    /// The names in a folder, in order; none when it is not there.
    static func names(in folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != ".trash" }.sorted()
    }

    /// The paths of all files below a folder: a key with slashes is a file in folders.
    static func files(below folder: String) throws -> [String] {
        guard let paths = FileManager.default.enumerator(atPath: folder) else { return [] }
        return paths.compactMap { $0 as? String }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    /// Each file below a folder as a key and its content as the value.
    static func pairs(_ folder: String) throws -> JSON {
        .array(
            try files(below: folder).map { key in
                ["key": .string(key), "value": .string(try text("\(folder)/\(key)"))]
            })
    }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ExchangeError(.invalidParameterValue, "\(path) cannot be read.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func meta(_ folder: String) throws -> Meta {
        let path = "\(folder)/meta.yaml"
        do {
            return Meta(node: try Yams.compose(yaml: try text(path), .basic))
        } catch let error as YamlError {
            throw ExchangeError(.invalidParameterValue, "\(path) is not YAML: \(error)")
        }
    }

    /// A `meta.yaml`. Its values are read as the text that stands there, because an id of digits is no number.
    struct Meta {
        let node: Node?

        /// Nil when it is absent or null.
        func string(_ key: String) -> JSON? {
            guard let scalar = node?.mapping?[Node(key)]?.scalar else { return nil }
            let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return isNull ? nil : .string(scalar.string)
        }

        func integer(_ key: String) -> JSON? {
            string(key)?.stringValue.flatMap { Int64($0) }.map(JSON.integer)
        }

        /// A mapping of texts as a list of keys and values.
        func pairs(_ key: String) -> JSON {
            let pairs = node?.mapping?[Node(key)]?.mapping?.compactMap { key, value -> JSON? in
                guard let name = key.scalar?.string, let text = value.scalar?.string else { return nil }
                return ["key": .string(name), "value": .string(text)]
            }
            return .array(pairs ?? [])
        }
    }
}
