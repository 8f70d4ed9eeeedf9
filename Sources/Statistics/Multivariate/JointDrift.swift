/// Whether rows as a whole drifted, columns together: what tests of one column at a time cannot see, such as columns that no
/// longer go together as they did.
///
///     let drift = JointDrift(reference: sampleOfReference, current: sampleOfWindow, using: &generator)
///
/// Works on samples of rows with columns of any kind and missing values. The time grows with the square of `limit`, times
/// `permutations`.
package struct JointDrift: Sendable {
    package let referenceRows: Int
    package let currentRows: Int
    /// MMD² with a p-value by permutation.
    package let meanDiscrepancy: PermutationTest
    /// Nil with fewer than ten rows on either side.
    package let classifier: DomainClassifier?
    /// The columns by their share in what the classifier learnt, largest first: where the drift is, if there is one.
    package let columns: [ColumnShare]
    /// How badly rows of the window are put together from the reference's principal components; nil with too few rows for a
    /// threshold, and when it is not wanted.
    package let reconstruction: ReconstructionDrift?

    package struct ColumnShare: Sendable, Equatable {
        package let column: String
        /// 0...1.
        package let share: Double
    }

    /// Compares at most `limit` rows of each side. Columns are the reference's; those that only the window has are left to tests
    /// of the schema. Nil with fewer than two rows on either side or without columns.
    /// - Parameters:
    ///   - enough: see `PermutationTest`.
    ///   - reconstructs: whether `reconstruction` is wanted, which takes longest with many columns.
    package init?(
        reference: MixedRows, current: MixedRows, limit: Int = 500, permutations: Int = 200, enough: Int = .max,
        reconstructs: Bool = true, using generator: inout some RandomNumberGenerator
    ) {
        guard min(reference.rows.count, current.rows.count) > 1, !reference.columns.isEmpty else { return nil }
        let aligned = current.arranged(as: reference.columns)
        let encoding = MixedEncoding(reference: reference, current: aligned)
        let a = encoding.points(reference.sample(limit, using: &generator))
        let b = encoding.points(aligned.sample(limit, using: &generator))
        referenceRows = a.rows
        currentRows = b.rows
        meanDiscrepancy = .meanDiscrepancy(a, b, permutations: permutations, enough: enough, using: &generator)
        classifier = DomainClassifier(a, b, using: &generator)
        var shares = [Double](repeating: 0, count: reference.columns.count)
        for (source, share) in zip(encoding.sources, classifier?.importance ?? []) { shares[source] += share }
        columns = zip(reference.columns, shares).map { ColumnShare(column: $0, share: $1) }
            .sorted { $0.share > $1.share }
        // Linear in the rows, so it can have all of them.
        reconstruction =
            reconstructs
            ? ReconstructionDrift(reference: encoding.points(reference), current: encoding.points(aligned)) : nil
    }

    /// The chance of as much evidence without drift: the smaller p-value of two tests, doubled.
    package var pValue: Double {
        min(1, 2 * min(meanDiscrepancy.pValue, classifier?.pValue ?? 1))
    }

    /// From 0, no drift, to 1, when window and reference can always be told apart: 2 · AUC − 1.
    package var effect: Double {
        max(0, 2 * (classifier?.area ?? 0.5) - 1)
    }
}

/// Whether rows are put together from a reference's principal components as well as parts of the reference are.
package struct ReconstructionDrift: Sendable, Equatable {
    /// The mean error of the window's rows.
    package let error: Double
    /// Mean ± three standard deviations of the errors of chunks of the reference, brought to the window's number of rows.
    package let thresholds: ThresholdBand
    /// Outside on either side: rows that fit too well have changed as well.
    package let isDrifted: Bool

    /// Chunks have as many rows as the window, but there are ten of them at least. The standard deviation of a chunk's error is
    /// brought to the window's rows, and that of the mean over all chunks is added, as errors of rows add up. Nil when there are
    /// fewer than five rows to a chunk, or for a window without rows. The rows of the reference are in no order.
    ///
    /// Each chunk is held against components of all other rows: what they were learnt from they fit too well.
    package init?(reference: Matrix, current: Matrix, varianceKept: Double = 0.65) {
        let size = min(current.rows, reference.rows / 10)
        guard size >= 5 else { return nil }
        let errors = (0..<min(20, reference.rows / size)).map { chunk in
            let range = (chunk * size)..<((chunk + 1) * size)
            let others = reference.dropping(rows: range)
            return PrincipalComponents(others, varianceKept: varianceKept)
                .meanReconstructionError(reference.keeping(rows: range))
        }
        let chunkRows = Double(size)
        let deviations = 3 * (chunkRows / Double(current.rows) + chunkRows / Double(reference.rows)).squareRoot()
        let thresholds = ThresholdBand(errors, deviations: deviations)
        error = PrincipalComponents(reference, varianceKept: varianceKept).meanReconstructionError(current)
        self.thresholds = thresholds
        isDrifted = thresholds.isOutside(error)
    }
}

extension Matrix {
    func keeping(rows range: Range<Int>) -> Matrix {
        var part = Matrix(rows: range.count, columns: columns)
        part.elements = Array(elements[(range.lowerBound * columns)..<(range.upperBound * columns)])
        return part
    }

    func dropping(rows range: Range<Int>) -> Matrix {
        var part = Matrix(rows: rows - range.count, columns: columns)
        part.elements = Array(elements[..<(range.lowerBound * columns)] + elements[(range.upperBound * columns)...])
        return part
    }
}
