/// The shortest part of a script found that still shows what the whole shows.
///
/// Delta debugging (Zeller & Hildebrandt 2002): parts are left out, ever smaller ones, as long as it still fails.
/// - Parameter fails: whether a part shows it; the last call is in each part.
func shrunk(_ calls: [ScriptedCall], fails: ([ScriptedCall]) async throws -> Bool) async rethrows -> [ScriptedCall] {
    guard let last = calls.last else { return [] }
    var rest = Array(calls.dropLast())
    var width = rest.count
    while width > 0 {
        var start = 0
        while start < rest.count {
            var fewer = rest
            fewer.removeSubrange(start..<min(start + width, rest.count))
            if try await fails(fewer + [last]) { rest = fewer } else { start += width }
        }
        width /= 2
    }
    return rest + [last]
}
