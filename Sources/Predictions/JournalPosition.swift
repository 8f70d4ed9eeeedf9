/// A place between two lines of the journal. Places grow for as long as the data folder lives: a segment's number is never
/// given twice.
package struct JournalPosition: Sendable, Hashable, Comparable {
    package var segment: Int
    /// In bytes from the beginning of the segment.
    package var offset: Int

    package init(segment: Int, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    package static func < (earlier: JournalPosition, later: JournalPosition) -> Bool {
        (earlier.segment, earlier.offset) < (later.segment, later.offset)
    }
}
