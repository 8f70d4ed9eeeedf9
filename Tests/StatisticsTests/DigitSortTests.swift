import TestSupport
import Testing

@testable import Statistics

@Suite struct DigitSortTests {
    @Test(arguments: [0, 1, 1_023, 1_024, 5_000])
    func sortsAsComparingDoes(count: Int) {
        var numbers = SeededNumbers(seed: 1)
        let ends = [Double.infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -1e-310]
        let values = Array((numbers.normals(count) + ends).prefix(count))
        #expect(DigitSort.ascending(values) == values.sorted())
        let fewValues = values.map { ($0 * 2).rounded() }
        #expect(DigitSort.ascending(fewValues) == fewValues.sorted())
    }

    @Test(arguments: [10, 2_000])
    func bothZerosAreOne(count: Int) {
        let zeros = (0..<count).map { $0 % 3 == 0 ? -0.0 : 0.0 }
        #expect(DigitSort.ascending(zeros + [-1]).dropFirst().allSatisfy { $0 == 0 && $0.sign == .plus })
    }
}
