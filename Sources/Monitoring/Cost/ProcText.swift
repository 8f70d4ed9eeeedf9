/// What files of `/proc` say. https://man7.org/linux/man-pages/man5/proc.5.html
enum ProcText {
    /// User and system time of `/proc/PID/stat`, in ticks of the clock. The name of the program, which may hold anything, is in
    /// brackets before them.
    static func cpuTicks(_ stat: String) -> Int64? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return nil }
        return user + system
    }

    /// Of `/proc/PID/statm`.
    static func residentPages(_ statm: String) -> Int64? {
        let fields = statm.split(separator: " ")
        return fields.count > 1 ? Int64(fields[1]) : nil
    }

    /// What all interfaces of `/proc/net/dev` but the loopback received and sent.
    static func traffic(_ text: String) -> (received: Int64, sent: Int64) {
        var (received, sent): (Int64, Int64) = (0, 0)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ $0 != " " }) != "lo" else { continue }
            let numbers = parts[1].split(separator: " ").compactMap { Int64($0) }
            guard numbers.count >= 16 else { continue }
            received += numbers[0]
            sent += numbers[8]
        }
        return (received, sent)
    }

    /// Two numbers a line, as `nvidia-smi` writes them; lines with something else are left out.
    static func pairs(_ text: String) -> [(Int64, Int64)] {
        text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: ",").map { $0.filter { $0 != " " } }.compactMap { Int64($0) }
            return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
        }
    }
}
