import Statistics
import TestSupport
import Testing

@Suite struct MultivariateTests {
    static func points(_ rows: Int, _ numbers: inout SeededNumbers, mean: Double = 0, width: Int = 3) -> Matrix {
        Matrix((0..<rows).map { _ in numbers.normals(width, mean: mean) })
    }

    @Test func eigenvectorsPutTheMatrixTogetherAgain() {
        var numbers = SeededNumbers(seed: 1)
        let columns = (0..<5).map { _ in numbers.normals(20) }
        let matrix = Matrix(covarianceOf: columns + [columns[0].map { 2 * $0 }])
        let eigen = SymmetricEigen(matrix)
        for row in 0..<6 {
            for column in 0..<6 {
                let sum = zip(eigen.values, eigen.vectors).reduce(0) { $0 + $1.0 * $1.1[row] * $1.1[column] }
                #expect(abs(sum - matrix[row, column]) < 1e-13)
            }
        }
        #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
        // One column is twice another, so one direction is empty.
        #expect(eigen.pseudoInverse(matrix.column(0)).rank == 5)
    }

    @Test func discrepancyAndEnergyAreSymmetricAndLeastForOneSample() {
        var numbers = SeededNumbers(seed: 2)
        let (a, b) = (Self.points(30, &numbers), Self.points(25, &numbers, mean: 1))
        let (forward, back) = (PairKernel(squaredDistances: a, b), PairKernel(squaredDistances: b, a))
        #expect(abs(forward.distances.sums.squaredEnergy - back.distances.sums.squaredEnergy) < 1e-12)
        let kernels = [forward, back].map { $0.gaussian(gamma: 0.3).sums.biasedMeanDiscrepancy }
        #expect(abs(kernels[0] - kernels[1]) < 1e-12 && kernels[0] > 0)
        let same = PairKernel(squaredDistances: a, a)
        #expect(abs(same.distances.sums.squaredEnergy) < 1e-12)
        #expect(abs(same.gaussian(gamma: 0.3).sums.biasedMeanDiscrepancy) < 1e-12)
    }

    @Test func onOneColumnEnergyIsWhatTheSortedPassGives() {
        var numbers = SeededNumbers(seed: 3)
        let (a, b) = (numbers.normals(30), numbers.normals(40, mean: 1))
        let kernel = PairKernel(squaredDistances: Matrix(a.map { [$0] }), Matrix(b.map { [$0] }))
        #expect(abs(kernel.distances.sums.squaredEnergy.squareRoot() - SampleDistance.energy(a, b)) < 1e-12)
    }

    @Test func dealsOfOneLawReachTheStatisticAsOftenAsTheySay() {
        var numbers = SeededNumbers(seed: 4)
        var generator = SplitMix(seed: 4)
        let alarms = (0..<200).count { _ in
            let (a, b) = (Self.points(12, &numbers, width: 2), Self.points(10, &numbers, width: 2))
            return PermutationTest.energy(a, b, permutations: 39, using: &generator).pValue <= 0.1
        }
        #expect((6...36).contains(alarms), "\(alarms)")
    }

    @Test func aShiftOfAllColumnsIsFound() {
        var numbers = SeededNumbers(seed: 5)
        var generator = SplitMix(seed: 5)
        let (a, b) = (Self.points(60, &numbers), Self.points(40, &numbers, mean: 0.7))
        #expect(PermutationTest.energy(a, b, permutations: 99, using: &generator).pValue <= 0.02)
        #expect(PermutationTest.meanDiscrepancy(a, b, permutations: 99, using: &generator).pValue <= 0.02)
    }

    @Test func distancesFromASampleAreInUnitsOfItsSpread() {
        let distance = MahalanobisDistance(Matrix([[0, 0], [2, 0], [0, 4], [2, 4]]))
        #expect(abs(distance.square([1, 2])) < 1e-12)
        #expect(abs(distance.square([1, 6]) - distance.square([3, 2])) < 1e-12)
        // A column without spread says nothing.
        let flat = MahalanobisDistance(Matrix([[0, 5], [2, 5], [1, 5]]))
        #expect(flat.square([1, 9]) == 0)
    }

    @Test func rowsInTheKeptDirectionsAreWholeAgain() {
        let line = Matrix((0..<10).map { [Double($0), 3 * Double($0), 7] })
        let components = PrincipalComponents(line)
        #expect(components.directions.count == 1)
        #expect(components.meanReconstructionError(line) < 1e-12)
        #expect(components.reconstructionError([1, -3, 7]) > 0.4)
    }

    @Test func fencesLeaveOutTheWildOnes() {
        let rules = OutlierRules([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])
        #expect(rules.fencedCount == 1 && rules.modifiedScoreCount == 1)
        #expect(OutlierRules([3, 3, 3]).fencedCount == 0)
    }
}
