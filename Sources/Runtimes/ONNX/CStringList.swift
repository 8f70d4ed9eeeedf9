/// Texts as C wants a list of them: an array of pointers, which live as long as the list.
struct CStringList {
    private let bytes: [CChar]
    private let starts: [Int]

    init(_ texts: [String]) {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes.append(contentsOf: text.utf8CString)
        }
        self.bytes = bytes
        self.starts = starts
    }

    func withPointer<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> Result) rethrows -> Result
    {
        var bytes = bytes
        return try bytes.withUnsafeMutableBufferPointer { buffer in
            var pointers = starts.map { start in buffer.baseAddress.map { $0 + start } }
            return try body(&pointers)
        }
    }
}
