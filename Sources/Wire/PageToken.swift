#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the next page of a list starts: base64 of `{"offset": N}`, opaque to clients.
package struct PageToken: Sendable, Hashable {
    package let offset: Int

    package init(offset: Int) {
        self.offset = offset
    }

    /// - Throws: `FieldProblem` when the text is not a token this server gave out.
    package init(_ text: String) throws {
        guard let data = Data(base64Encoded: text), let json = try? JSON.parse(data),
            let offset = json["offset"]?.integerValue, offset > 0, offset <= Int64(Int32.max)
        else {
            throw FieldProblem("Invalid page token '\(text.prefix(80))'.", hint: "Start again without page_token.")
        }
        self.offset = Int(offset)
    }

    package var text: String {
        Data("{\"offset\": \(offset)}".utf8).base64EncodedString()
    }
}

/// One page of a list and where the next one starts.
package struct Page<Element: Sendable>: Sendable {
    package let elements: [Element]
    package let next: PageToken?

    package init(elements: [Element], next: PageToken?) {
        self.elements = elements
        self.next = next
    }

    /// Cuts a page from rows that were fetched with one more than asked for.
    package init(rows: [Element], limit: Int, offset: Int) {
        elements = Array(rows.prefix(limit))
        next = rows.count > limit ? PageToken(offset: offset + limit) : nil
    }
}
