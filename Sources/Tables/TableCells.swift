import CDuckDB

/// Some rows of a result as DuckDB holds them, for code that reads columns in bulk. Nothing is copied: what it gives out
/// lasts as long as the call that it was handed to.
package struct TableCells: ~Copyable {
    private let library: DuckDBLibrary
    private let chunk: DuckDBLibrary.Handle
    private let columns: [TableColumn]
    package let rowCount: Int

    init(_ library: DuckDBLibrary, _ chunk: DuckDBLibrary.Handle, _ columns: [TableColumn]) {
        self.library = library
        self.chunk = chunk
        self.columns = columns
        rowCount = Int(library.chunkSize(chunk))
    }

    /// The cells of a column of DOUBLE; nil for one of another type. Where there is no value, there is any.
    package func doubles(_ place: Int) -> UnsafeBufferPointer<Double>? {
        guard columns[place].type == .double, let data = library.vectorData(vector(place)) else { return nil }
        return UnsafeBufferPointer(start: data.assumingMemoryBound(to: Double.self), count: rowCount)
    }

    /// The cells of a column of VARCHAR; nil for one of another type.
    package func texts(_ place: Int) -> TextCells? {
        guard columns[place].type == .text, let data = library.vectorData(vector(place)) else { return nil }
        return TextCells(data, count: rowCount)
    }

    /// Which rows of a column have a value; nil when all have.
    package func validity(_ place: Int) -> RowMask? {
        library.vectorValidity(vector(place)).map { RowMask(words: $0, count: rowCount) }
    }

    private func vector(_ place: Int) -> DuckDBLibrary.Handle {
        library.chunkVector(chunk, UInt64(place))
    }
}

/// A bit for each row, the first in the lowest bit of the first word.
package struct RowMask {
    package let words: UnsafePointer<UInt64>
    package let count: Int

    package subscript(row: Int) -> Bool {
        words[row >> 6] >> UInt64(row & 63) & 1 == 1
    }
}

/// Texts in UTF-8, one a row. Where there is no value there may be anything, which must not be read.
package struct TextCells {
    private let data: UnsafeRawPointer
    package let count: Int

    init(_ data: UnsafeRawPointer, count: Int) {
        self.data = data
        self.count = count
    }

    /// The cells themselves, to tell texts that come again without looking at their bytes.
    package var cells: UnsafeBufferPointer<TextCell> {
        UnsafeBufferPointer(start: data.assumingMemoryBound(to: TextCell.self), count: count)
    }

    /// The bytes of one text. Up to 12 lie in the cell itself.
    package subscript(row: Int) -> UnsafeRawBufferPointer {
        let place = data + row * MemoryLayout<duckdb_string_t>.stride
        let string = place.loadUnaligned(as: duckdb_string_t.self)
        let inlined = place + MemoryLayout<UInt32>.size
        return UnsafeRawBufferPointer(
            start: string.length <= 12 ? inlined : UnsafeRawPointer(string.data), count: Int(string.length))
    }
}

/// What DuckDB keeps of a text in a row. Texts with equal cells are equal: they lie in the cell, or at one place in memory; the
/// other way round that holds for most, since a column's texts come from a dictionary.
package struct TextCell: Sendable, BitwiseCopyable {
    package let head: UInt64
    package let tail: UInt64

    /// That of no text.
    @inlinable
    package init() {
        (head, tail) = (.max, .max)
    }

    /// Whether the cell holds all of the text, so that it means the same in any chunk.
    @inlinable
    package var isWhole: Bool { UInt32(truncatingIfNeeded: head) <= 12 }
}
