import Foundation
import Wire
import YAML
import Yams

// Reading the files of MLflow's file store.

extension MLflowFolderSource {
    /// What stands in a folder, in order; nothing when it is not there.
    static func entries(of folder: String) throws -> [LocalFolder.Entry] {
        guard LocalFolder.exists(folder) else { return [] }
        return try LocalFolder.entries(of: folder, within: folder).filter { $0.name != ".trash" }
    }

    /// The names of the folders in a folder.
    /// - Throws: `ExchangeError` for what cannot be read.
    static func folders(in folder: String) throws -> [String] {
        try entries(of: folder).compactMap { entry in
            switch entry.form {
            case .folder: entry.name
            case .file: nil
            case .obstacle(let reason): throw Self.unreadable("\(folder)/\(entry.name)", reason)
            }
        }
    }

    static func unreadable(_ path: String, _ reason: String) -> ExchangeError {
        ExchangeError(.invalidParameterValue, "\(path) cannot be read: \(reason).")
    }

    /// The paths of all files below a folder: a key with slashes is a file in folders.
    /// - Throws: `ExchangeError` for what cannot be read.
    static func files(below root: String) throws -> [String] {
        guard LocalFolder.exists(root) else { return [] }
        var files: [String] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let prefix = folder.isEmpty ? "" : folder + "/"
            for entry in try LocalFolder.entries(of: "\(root)/\(folder)", within: root) {
                switch entry.form {
                case .folder: folders.append(prefix + entry.name)
                case .file: files.append(prefix + entry.name)
                case .obstacle(let reason): throw unreadable("\(root)/\(prefix)\(entry.name)", reason)
                }
            }
        }
        return files.sorted()
    }

    /// Each file below a folder as a key and its content as the value.
    static func pairs(_ folder: String) throws -> JSON {
        .array(
            try files(below: folder).map { key in
                ["key": .string(key), "value": .string(try LocalFolder.text("\(folder)/\(key)"))]
            })
    }

    /// - Throws: `ExchangeError` for a file that is not there or holds no mapping.
    static func meta(_ folder: String, _ name: String = "meta.yaml") throws -> Meta {
        let path = "\(folder)/\(name)"
        do {
            guard let node = try YAMLText.documents(of: try LocalFolder.text(path)).first, node.mapping != nil else {
                throw ExchangeError(.invalidParameterValue, "\(path) has no names with values.")
            }
            return Meta(node: node)
        } catch let error as YamlError {
            throw ExchangeError(.invalidParameterValue, "\(path) is not YAML: \(error)")
        }
    }

    /// A `meta.yaml`. Its values are read as the text that stands there, because an id of digits is no number.
    struct Meta {
        let node: Node

        /// Nil when it is absent or null.
        func string(_ key: String) -> JSON? {
            guard let scalar = node.mapping?[Node(key)]?.scalar else { return nil }
            let isNull = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return isNull ? nil : .string(scalar.string)
        }

        func integer(_ key: String) -> JSON? {
            string(key)?.stringValue.flatMap { Int64($0) }.map(JSON.integer)
        }

        /// A mapping of texts as a list of keys and values.
        func pairs(_ key: String) -> JSON {
            let pairs = node.mapping?[Node(key)]?.mapping?.compactMap { key, value -> JSON? in
                guard let name = key.scalar?.string, let text = value.scalar?.string else { return nil }
                return ["key": .string(name), "value": .string(text)]
            }
            return .array(pairs ?? [])
        }
    }

    /// A file of YAML as JSON, plain scalars as the values that they spell.
    static func json(_ path: String) throws -> JSON {
        do {
            return Self.json(try Yams.compose(yaml: try LocalFolder.text(path)))
        } catch let error as YamlError {
            throw ExchangeError(.invalidParameterValue, "\(path) is not YAML: \(error)")
        }
    }

    private static func json(_ node: Node?) -> JSON {
        switch node {
        case .mapping(let mapping)?: .members(mapping.map { ($0.scalar?.string ?? "", json($1)) })
        case .sequence(let sequence)?: .array(sequence.map { json($0) })
        case .scalar(let scalar)?: json(of: scalar)
        default: .null
        }
    }

    private static func json(of scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain else { return .string(scalar.string) }
        if let number = Int64(scalar.string) { return .integer(number) }
        if scalar.string.contains(/^[-+.]?[0-9]/), let number = Double(scalar.string) { return .double(number) }
        return switch scalar.string {
        case "", "~", "null": .null
        case "true": true
        case "false": false
        case ".nan": .double(.nan)
        case ".inf": .double(.infinity)
        case "-.inf": .double(-.infinity)
        default: .string(scalar.string)
        }
    }
}
