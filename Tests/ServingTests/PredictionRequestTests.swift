import Runtimes
import Testing
import Wire

@testable import Serving

@Suite struct PredictionRequestTests {
    @Test func asksForAPredictionForEachRowOfATable() {
        let ages = Column(name: "age", values: .doubles([30, .nan, .infinity]))
        #expect(PredictionRequest(input: .table(Batch(rowCount: 3, columns: [ages]))).rowCount == 3)
    }

    @Test func asksForAPredictionForEachRowThatAllTensorsHave() {
        let matrix = Tensor(shape: [2, 2], values: .doubles([1, 2, 3, .nan]))
        #expect(PredictionRequest(input: .tensors([matrix])).rowCount == 2)
        let images = Tensor(name: "images", shape: [3, 1], values: .int64s([1, 2, 3]))
        let scale = Tensor(name: "scale", shape: [2], values: .doubles([0.5, 2]))
        #expect(PredictionRequest(input: .tensors([images, scale])).rowCount == 1)
    }

    @Test func asksForOnePredictionOfAScalarOrADocument() {
        let scalar = Tensor(name: "x", shape: [], values: .int64s([7]))
        #expect(PredictionRequest(input: .tensors([scalar])).rowCount == 1)
        #expect(PredictionRequest(input: .document(["prompt": "hello"])).rowCount == 1)
    }
}
