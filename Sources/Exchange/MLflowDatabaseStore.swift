import Database
import Foundation
import Tracking
import Wire

/// An `mlflow.db`: what MLflow's SQL store wrote into SQLite. It is only read. Tables and columns that an
/// older MLflow did not have count as empty.
struct MLflowDatabaseStore: ExchangeSource {
    let place: String
    private let database: Database
    let tables: Set<String>
    /// Such as `runs.name`.
    let columns: Set<String>
    /// The folder behind `mlflow-artifacts:`, which the server was started with.
    private let artifactFolder: String?

    /// How many rows are read at once.
    static let portion = 100

    /// - Throws: `ExchangeError` when it is not a database of MLflow.
    init(path: String, artifactFolder: String?) async throws {
        place = path
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let beside = "\(folder)/mlartifacts"
        self.artifactFolder =
            artifactFolder ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil)
        database = try Self.whole(path) { try Database.openReadOnly(path: path) }
        tables = Set(
            try await Self.read(database, at: path) { reader in
                try reader.values("SELECT name FROM sqlite_master WHERE type = 'table'", as: String.self)
            })
        columns = Set(
            try await Self.read(database, at: path) { reader in
                try reader.values(
                    "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c", as: String.self)
            })
        guard tables.isSuperset(of: ["experiments", "runs", "metrics", "alembic_version"]) else {
            throw ExchangeError(
                .invalidParameterValue, "\(path) is not a database of MLflow.",
                hint: "Name the file of --backend-store-uri sqlite:///…")
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        try await Self.read(database, at: place, body)
    }

    private static func read<Value: Sendable>(
        _ database: Database, at place: String, _ body: @escaping @Sendable (Reader) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as DatabaseError {
            throw explained(error, place)
        }
    }

    private static func whole<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw explained(error, place)
        }
    }

    /// An error in words about a file of MLflow's.
    private static func explained(_ error: DatabaseError, _ place: String) -> any Error {
        guard error.code == .invalidParameterValue else { return error }
        return ExchangeError(
            .invalidParameterValue, "\(place) is cut off or damaged, or no database.",
            hint: "Copy it again while MLflow's server is off, or save what can be: sqlite3 \(place) .recover")
    }

    /// The records that rows make; none when the table is not there.
    func records(
        _ table: String, _ sql: SQL, _ make: @escaping @Sendable (Row) throws -> JSON
    ) async throws -> [JSON] {
        guard tables.contains(table) else { return [] }
        return try await read { try $0.rows(sql).map(make) }
    }

    /// Rows of a key and a value, where both may be null.
    func pairs(_ table: String, _ columns: SQL, where condition: SQL) async throws -> JSON {
        let sql = "SELECT \(columns) FROM \(SQL(stringLiteral: table)) WHERE \(condition)" as SQL
        return .array(
            try await records(table, sql) { ["key": try $0.text(0) ?? "", "value": try $0.text(1) ?? ""] })
    }

    func experiments(_ body: RecordBody) async throws {
        let experiments = try await records(
            "experiments",
            """
            SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
            FROM experiments ORDER BY experiment_id
            """
        ) { row in
            .compact([
                "experiment_id": try row.text(0), "name": try row.text(1), "artifact_location": try row.text(2),
                "lifecycle_stage": try row.text(3), "creation_time": try row.number(4),
                "last_update_time": try row.number(5),
            ])
        }
        for experiment in experiments {
            let record = try await SourceRecord.reading(RecordKind.experiments.id(of: experiment)) {
                let id = experiment.idNumber("experiment_id")
                let tags = try await pairs("experiment_tags", "key, value", where: "experiment_id = \(id)")
                return experiment.with("tags", tags)
            }
            try await body(record)
        }
    }

    func runs(of experiment: String, _ body: RecordBody) async throws {
        let deletedTime: SQL = columns.contains("runs.deleted_time") ? "deleted_time" : "NULL"
        var last = ""
        while true {
            let after = last
            let portion = try await records(
                "runs",
                """
                SELECT run_uuid, name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage,
                    \(deletedTime)
                FROM runs WHERE experiment_id = \(Int64(experiment) ?? -1) AND run_uuid > \(after)
                ORDER BY run_uuid LIMIT \(Self.portion)
                """
            ) { row in
                .compact([
                    "run_id": try row.text(0), "experiment_id": .string(experiment), "run_name": try row.text(1),
                    "user_id": try row.text(2), "status": try row.text(3), "start_time": try row.number(4),
                    "end_time": try row.number(5), "artifact_uri": try row.text(6),
                    "lifecycle_stage": try row.text(7), "deleted_at": try row.number(8),
                ])
            }
            for info in portion {
                let id = info["run_id"]?.stringValue ?? ""
                try await body(try await SourceRecord.reading(id) { try await run(info) })
            }
            guard let id = portion.last?["run_id"]?.stringValue, portion.count == Self.portion else { return }
            last = id
        }
    }

    private func run(_ info: JSON) async throws -> JSON {
        let id = info["run_id"]?.stringValue ?? ""
        return [
            "info": info,
            "data": [
                "params": try await pairs("params", "key, value", where: "run_uuid = \(id)"),
                "tags": try await pairs("tags", "key, value", where: "run_uuid = \(id)"),
            ],
            "inputs": [
                "dataset_inputs": .array(try await datasets(of: id)),
                "model_inputs": .array(try await links("RUN_INPUT", of: id)),
            ],
            "outputs": ["model_outputs": .array(try await links("RUN_OUTPUT", of: id))],
        ]
    }

    private func datasets(of run: String) async throws -> [JSON] {
        let inputs = try await records(
            "inputs",
            """
            SELECT i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema,
                d.dataset_profile
            FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id = \(run)
            """
        ) { row in
            [
                "input": try row.text(0) ?? "",
                "dataset": .compact([
                    "name": try row.text(1), "digest": try row.text(2), "source_type": try row.text(3),
                    "source": try row.text(4), "schema": try row.text(5), "profile": try row.text(6),
                ]),
            ]
        }
        var datasets: [JSON] = []
        for input in inputs {
            let id = input["input"]?.stringValue ?? ""
            let tags = try await pairs("input_tags", "name, value", where: "input_uuid = \(id)")
            datasets.append(["dataset": input["dataset"] ?? [:], "tags": tags])
        }
        return datasets
    }

    /// The logged models that a run used or made.
    private func links(_ type: String, of run: String) async throws -> [JSON] {
        guard tables.contains("logged_models") else { return [] }
        return try await records(
            "inputs",
            """
            SELECT destination_id, step FROM inputs WHERE source_type = \(type) AND source_id = \(run) ORDER BY rowid
            """
        ) { row in ["model_id": try row.text(0) ?? "", "step": try row.number(1) ?? 0] }
    }

    func points(of run: JSON, _ body: RecordBody) async throws {
        let id = run["info"]?["run_id"]?.stringValue ?? ""
        let keys = try await read { reader in
            try reader.values("SELECT DISTINCT key FROM metrics WHERE run_uuid = \(id) ORDER BY key", as: String.self)
        }
        for key in keys {
            var last: Int64 = -1
            while true {
                let after = last
                let rows = try await read { reader in
                    try reader.rows(
                        """
                        SELECT rowid, timestamp, step, value, is_nan FROM metrics
                        WHERE run_uuid = \(id) AND key = \(key) AND rowid > \(after)
                        ORDER BY rowid LIMIT \(ImportedPoints.limit)
                        """)
                }
                guard let row = rows.last else { break }
                last = try row.get(0)
                let points = try rows.map { row -> JSON in
                    [try row.number(1) ?? 0, try row.number(2) ?? 0, try row.value(3, isNaN: row.get(4))]
                }
                try await body(.whole(["run_id": .string(id), "key": .string(key), "points": .array(points)]))
                guard rows.count == ImportedPoints.limit else { break }
            }
        }
    }

    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        let infos = try await records(
            "logged_models",
            """
            SELECT model_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status,
                lifecycle_stage, model_type, source_run_id
            FROM logged_models WHERE experiment_id = \(Int64(experiment) ?? -1) ORDER BY model_id
            """
        ) { row in
            .compact([
                "model_id": try row.text(0), "experiment_id": .string(experiment), "name": try row.text(1),
                "artifact_uri": try row.text(2), "creation_timestamp_ms": try row.number(3),
                "last_updated_timestamp_ms": try row.number(4), "status": try row.number(5),
                "lifecycle_stage": try row.text(6), "model_type": try row.text(7), "source_run_id": try row.text(8),
            ])
        }
        for info in infos {
            let id = info["model_id"]?.stringValue ?? ""
            try await body(try await SourceRecord.reading(id) { try await loggedModel(info, id: id) })
        }
    }

    private func loggedModel(_ info: JSON, id: String) async throws -> JSON {
        let metrics = try await records(
            "logged_model_metrics",
            """
            SELECT metric_name, metric_timestamp_ms, metric_step, metric_value, run_id, dataset_name, dataset_digest
            FROM logged_model_metrics WHERE model_id = \(id)
            """
        ) { row in
            .compact([
                "key": try row.text(0), "timestamp": try row.number(1), "step": try row.number(2),
                // SQLite keeps NaN as null.
                "value": try row.value(3, isNaN: row.values[3] == .null), "run_id": try row.text(4),
                "dataset_name": try row.text(5), "dataset_digest": try row.text(6), "model_id": .string(id),
            ])
        }
        let tags = try await pairs("logged_model_tags", "tag_key, tag_value", where: "model_id = \(id)")
        let params = try await pairs("logged_model_params", "param_key, param_value", where: "model_id = \(id)")
        return [
            "info": info.with("tags", tags), "data": ["params": params, "metrics": .array(metrics)],
        ]
    }

    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        if let path = LocalFileTree.path(ofURI: owner.uri) { return LocalFileTree.files(of: owner, at: path) }
        guard owner.uri.hasPrefix("mlflow-artifacts:"), let artifactFolder else { return nil }
        var path = owner.uri.dropFirst("mlflow-artifacts:".count)
        if path.hasPrefix("//") { path = path.dropFirst(2).drop { $0 != "/" } }
        return LocalFileTree.files(of: owner, at: "\(artifactFolder)/\(path.drop { $0 == "/" })")
    }
}
