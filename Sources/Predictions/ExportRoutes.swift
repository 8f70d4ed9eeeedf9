import Blobs
import HTTPTypes
import NIOCore
package import Web
import Wire

/// A range of predictions as a file.
package struct ExportRoutes: Sendable {
    private let log: PredictionLog
    private let table: PredictionTable

    package init(log: PredictionLog, table: PredictionTable) {
        self.log = log
        self.table = table
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/predictions/export", .read("predictions"), export)
    }

    /// `endpoint`, `from`, `to` (as in `PredictionQuery(_:)`), `labelled`, `format` (`ndjson`, `parquet`); oldest first.
    private func export(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        var query = try PredictionQuery(fields)
        // What comes from now on is not in it, or it might never end. The clock may have gone back.
        query.to = min(query.to ?? .distantFuture, log.newest.time + .milliseconds(1))
        let pages = PredictionPages(of: log, query)
        let name = query.endpoint ?? "predictions"
        let format = try fields.optionalString("format") ?? "ndjson"
        switch format {
        case "ndjson": return Self.file(.stream(length: nil, Self.ndjson(pages)), "\(name).ndjson", Self.ndjsonType)
        case "parquet":
            let content = try await table.parquet(pages)
            return Self.file(
                .stream(length: content.info.sizeBytes, content), "\(name).parquet", Self.parquetType)
        default: throw FieldProblem.invalid("format", .string(format), expected: "one of 'ndjson' and 'parquet'")
        }
    }

    private static let ndjsonType = "application/x-ndjson"
    private static let parquetType = "application/vnd.apache.parquet"

    private static func ndjson(_ pages: PredictionPages) -> some AsyncSequence<ByteBuffer, any Error> & Sendable {
        pages.map { page in
            var writer = JSONWriter()
            for prediction in page {
                writer.write(prediction.json)
                writer.raw("\n")
            }
            return ByteBuffer(bytes: writer.bytes)
        }
    }

    private static func file(_ body: Reply.Body, _ name: String, _ type: String) -> Reply {
        // Names of endpoints need no quoting, those of others have no predictions.
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != 0x5C }
        let fileName = isPlain ? name : "predictions"
        let headers: HTTPFields = [
            .contentType: type, .contentDisposition: "attachment; filename=\"\(fileName)\"",
        ]
        return Reply(headers: headers, body: body)
    }
}

extension Timestamp {
    fileprivate static let distantFuture = Timestamp(milliseconds: .max)
}
