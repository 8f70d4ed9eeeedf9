import Runtimes
import TestSupport
import Testing
import Wire

@Suite struct ModelFolderTests {
    @Test func readsFlavorsAndSignature() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            flavors:
              python_function:
                loader_module: mlflow.sklearn
                python_version: 3.11.7
              sklearn:
                code: null
                pickled_model: model.pkl
            model_uuid: 0123456789
            signature:
              inputs: '[{"type": "double", "name": "mean radius", "required": true}, {"type":
                "long", "name": "age", "required": false}]'
              outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
              params: null
            """, to: "MLmodel")
        let model = try ModelFolder(path: folder.path)
        #expect(model.flavors["python_function"]?["loader_module"] == "mlflow.sklearn")
        #expect(
            model.signature?.inputs
                == .columns([
                    ColumnSpec(name: "mean radius", type: .double),
                    ColumnSpec(name: "age", type: .long, isRequired: false),
                ]))
        #expect(model.signature?.outputs == .tensors([TensorSpec(name: nil, type: .int64, shape: [-1])]))
        #expect(model.signature?.hasParameters == false)
    }

    @Test func leavesInputsThatOnlyMLflowUnderstandsAlone() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            flavors: {python_function: {loader_module: mlflow.pyfunc.model}}
            signature:
              inputs: '[{"type": "array", "items": {"type": "string"}, "name": "words", "required": true}]'
            """, to: "MLmodel")
        #expect(try ModelFolder(path: folder.path).signature?.inputs == .other)
    }

    @Test(
        arguments: [
            (nil, "it has no MLmodel file"), ("flavors: [", "is not YAML"), ("model_uuid: 1", "it names no flavors"),
            ("flavors: {python_function: {}}\nsignature: {inputs: '[{'}", "Malformed JSON"),
        ] as [(String?, String)])
    func saysWhyAFolderIsNotAModel(text: String?, reason: String) throws {
        let folder = try TemporaryFolder()
        if let text { try folder.write(text, to: "MLmodel") }
        let error = #expect(throws: RuntimeError.self) { try ModelFolder(path: folder.path) }
        #expect(error?.message.contains(reason) == true)
        #expect(error?.code.status == 400)
    }
}
