import Wire

extension DataColumn.Kind {
    /// A value of a column of this kind: moments as such, anything else as a number.
    func words(_ value: Double) -> String {
        guard self == .time, value.isFinite, value.magnitude < 2e11 else { return value.words }
        let moment = Timestamp(milliseconds: Int64(value * 1000)).iso8601
        return moment.hasSuffix("T00:00:00.000Z")
            ? String(moment.prefix(10)) : String(moment.prefix(16)).replacing("T", with: " ")
    }
}
