import ArgumentParser
import Console
import Wire

extension MonitorCommand {
    /// `martlet monitors cost`
    struct Cost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the predictions of a monitor's last window took of the machine, and what that costs.",
            discussion: "Prices and limits are those of 'cost' in the monitor's manifest.")

        @Argument(help: "The monitor's name.")
        var name: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await server.run { client in
                let cost = try await client.get("/api/v1/monitors/\(APIClient.escaped(name))/cost")
                var lines: [String] = []
                if let rows = cost["rows"]?.integerValue {
                    lines.append("\(rows) rows from \(timeCell(cost["start"])) to \(timeCell(cost["end"]))")
                } else {
                    lines.append("No window is complete yet.")
                }
                if let cpu = cost["cpu_ms_per_thousand"]?.doubleValue {
                    let seconds = numberCell(.double(cpu / 1000), digits: 3)
                    lines.append("  a thousand predictions: \(seconds) s of processors")
                } else if cost["rows"] != nil,
                    (cost["findings"]?.arrayValue ?? []).allSatisfy({ $0["code"] != "cost_per_thousand" })
                {
                    lines.append(
                        cost["server"] == nil
                            ? "  what they took is not known: this server did not run then, or has deleted what it recorded"
                            : "  what they took is not seen from here: they were made elsewhere")
                }
                if let share = cost["share"]?.doubleValue, share < 1 {
                    lines.append(
                        "  its rows bear \(Int((share * 100).rounded())) % of what the workers took in its minutes")
                }
                for subject in ["workers", "server"] {
                    guard let record = cost[subject], record.objectValue != nil else { continue }
                    let memory = record["memory_max_bytes"]?.integerValue.map { "\($0 >> 20) MiB" } ?? "–"
                    lines.append(
                        "  \(subject): \(numberCell(record["cores"], digits: 3)) cores, at most \(memory) of memory")
                    if let sent = record["sent_bytes"]?.integerValue {
                        let received = record["received_bytes"]?.integerValue ?? 0
                        lines.append("  network: \(received >> 10) KiB received, \(sent >> 10) KiB sent")
                    }
                }
                for finding in cost["findings"]?.arrayValue ?? [] {
                    let mark = finding["verdict"] == "bad" ? "! " : "  "
                    lines.append(mark + finding["words"].cell)
                }
                if cost["rule"]?["cpu_hour"] == nil, cost["rule"]?["gb_hour"] == nil {
                    lines.append("  no price: 'cost: { cpu_hour: 0.04, gb_hour: 0.005 }' in the manifest sets one")
                }
                lines.append("  disk: \(cost["disk"]?["words"]?.stringValue ?? "how it fills is known after an hour")")
                for (name, reason) in cost["unavailable"]?.memberList ?? [] {
                    lines.append("  \(name) is not known: \(reason.cell)")
                }
                return Output(cost, lines: lines)
            }
        }
    }
}
